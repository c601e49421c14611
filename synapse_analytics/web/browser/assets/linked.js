// A piece of a page with buttons in it. What carries a code tells the server this code when it is clicked on; the key press of a button is a click, too.
export default function draw({ data, parentElement, setTriggerValue }) {
  const part = parentElement.querySelector('.linked') || parentElement.appendChild(document.createElement('div'))
  part.className = 'linked'
  const focused = part.contains(document.activeElement) && document.activeElement.dataset.code
  if (part.shown !== data.html) {
    part.shown = data.html
    part.innerHTML = data.html
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

const MOMENT = 100 // ms after which a card that is to be shown is looked for again
const HEAD = 60 // px of the menu, which lies over the page
const PATIENCE = 2000 // ms in which it comes and grows

// What a click changes may stand below the screen, and come a moment later: unless all of it is seen, the card of this key is moved up,
// with what was clicked on above it, until it stands or the person moves on.
function show(key) {
  if (!key) return
  const end = performance.now() + PATIENCE
  const watch = new AbortController() // aborted when the person moves on, or when it is over
  for (const name of ['wheel', 'touchstart', 'mousedown', 'keydown']) addEventListener(name, () => watch.abort(), { signal: watch.signal, passive: true })
  const look = () => {
    if (watch.signal.aborted) return
    const card = document.querySelector(`.st-key-${CSS.escape(key)}`)
    if (card && !isInSight(card)) card.scrollIntoView({ block: 'start' })
    if (performance.now() < end) setTimeout(look, MOMENT)
    else watch.abort()
  }
  setTimeout(look, MOMENT)
}

function isInSight(card) {
  const { top, bottom } = card.getBoundingClientRect()
  return top >= HEAD && bottom <= innerHeight
}
