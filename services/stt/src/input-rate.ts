/** Sample rate of the caller's voice on the bus. */
export const INPUT_RATE_HZ = 16_000;
