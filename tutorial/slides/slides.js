// slides.js: starts reveal.js: arrow keys, S for the speaker's window, ? for all other keys.
'use strict';

Reveal.initialize({
  width: 1280,
  height: 720,
  margin: 0,
  center: false,
  controls: false,
  hash: true,
  slideNumber: 'c/t',
  transition: 'none',
  plugins: [RevealNotes],
});
