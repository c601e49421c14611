// A piece of a page with buttons in it. What carries a code tells the server this code when it is clicked on; the key press of a button is a click, too.
export default function draw({ data, parentElement, setTriggerValue }) {
  const part = parentElement.querySelector('.linked') || parentElement.appendChild(document.createElement('div'))
  part.className = 'linked'
  const focused = part.contains(document.activeElement) && document.activeElement.dataset.code
  if (part.shown !== data.html) {
    const changed = part.shown !== undefined
    part.shown = data.html
    part.innerHTML = data.html
    const open = part.querySelector('[data-open]')
    if (changed && open && open.dataset.code !== part.open) open.scrollIntoView({ block: 'start' }) // so that its chart below is seen
    part.open = open?.dataset.code
  }
  if (focused) part.querySelector(`button[data-code="${CSS.escape(focused)}"]`)?.focus()
  part.onclick = event => {
    const chosen = event.target.closest('[data-code]')
    const selecting = getSelection().toString() // words that are marked to be copied choose nothing
    if (!chosen || !part.contains(chosen) || selecting) return
    setTriggerValue('code', chosen.dataset.code)
    show(chosen.closest('[data-shows]')?.dataset.shows)
  }
}

// What a click changes may stand below the screen: the card of this key is moved into sight, no further than needed.
function show(key) {
  const card = key && document.querySelector(`.st-key-${CSS.escape(key)}`)
  const behavior = matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth'
  if (card) card.scrollIntoView({ behavior, block: 'nearest' })
}
