// workbook.js: copy buttons, and links to the same place in the other language. Nothing needs it.
'use strict';

document.addEventListener('DOMContentLoaded', () => {
  const { copy, copied } = document.body.dataset;

  // A run is copied as what is typed: commands only, without prompts and output.
  for (const pre of document.querySelectorAll('main pre:not(.diff)')) {
    const commands = [...pre.querySelectorAll('.command')].map((command) => command.textContent);
    if (pre.classList.contains('transcript') && commands.length === 0) continue;
    const block = document.createElement('div');
    const button = document.createElement('button');
    block.className = 'block';
    button.className = 'copy';
    button.type = 'button';
    button.textContent = copy;
    pre.replaceWith(block);
    block.append(pre, button);
    button.addEventListener('click', async () => {
      const text = commands.length ? commands.join('\n') : pre.textContent;
      await navigator.clipboard.writeText(text);
      button.textContent = copied;
      setTimeout(() => { button.textContent = copy; }, 2000);
    });
  }

  const language = document.querySelector('.language a');
  for (const heading of document.querySelectorAll('main section > h1, main section > h2')) {
    const link = language.cloneNode(true);
    link.href = `${language.getAttribute('href')}#${heading.parentElement.id}`;
    link.className = 'same-place';
    heading.append(' ', link);
  }
});
