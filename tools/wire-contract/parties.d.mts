/** The fields of an audio frame's header, little-endian. */
export const FRAME_FIELDS: readonly { offset: number; name: string; type: 'u8' | 'u16' | 'u32'; about: string }[];
