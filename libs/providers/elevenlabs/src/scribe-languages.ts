/** Languages that Scribe understands: by their ISO 639-1 codes, or ISO 639-3 where there is none. */
export const SCRIBE_LANGUAGES: readonly string[] =
  `en af am ar as ast az be bg bn bs ca ceb cs cy da de el es et fa ff fi fil fr ga gl gu ha he hi hr hu hy id ig is
  it ja jv ka kea kk km kn ko ku ky lb lg ln lo lt luo lv mi mk ml mn mr ms mt my ne nl no nso ny oc or pa pl ps pt ro
  ru sd sk sl sn so sr sv sw ta te tg th tl tr uk umb ur uz vi wo xh yue zh zu`.split(/\s+/);
