/** Languages that OpenAI's models hear and speak well, by ISO 639-1. */
export const LANGUAGES: readonly string[] =
  'en af ar az be bg bs ca cs cy da de el es et fa fi fr gl he hi hr hu hy id is it ja kk kn ko lt lv mi mk mr ms ne nl no pl pt ro ru sk sl sr sv sw ta th tl tr uk ur vi zh'.split(
    ' ',
  );
