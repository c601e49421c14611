// What one does with a whole page: copy its address, which holds filters and choices, and print it.
import { copied } from './copy.js'
import './focus.js'

const SAID_FOR = 2000 // ms
const MOMENTS = [300, 1000, 2500] // ms after which Streamlit has drawn the sidebar of another page, on a busy machine later
const NARROW = 767 // px up to which the sidebar lies over the page

export default function draw({ parentElement }) {
  if (parentElement.querySelector('.actions')) return
  const place = parentElement.appendChild(document.createElement('div'))
  place.className = 'actions'
  const copy = button('Copy link', () => copied(location.href).then(done => say(copy, done)))
  copy.className = 'copy'
  copy.setAttribute('aria-live', 'polite')
  place.append(copy, button('Print', () => print()))
}

function button(text, onclick) {
  return Object.assign(document.createElement('button'), { type: 'button', textContent: text, onclick })
}

function say(copy, done) {
  copy.textContent = done ? 'Link copied' : 'Not copied'
  clearTimeout(copy.timer)
  copy.timer = setTimeout(() => { copy.textContent = 'Copy link' }, SAID_FOR)
}

let clicks = 0 // of the person
// Whoever has opened the menu before this page stood wants to see it, and whoever has chosen a page there already wants to see that.
const arrived = new URL(performance.getEntriesByType('navigation')[0]?.name ?? location.href).pathname
if (!navigator.userActivation?.hasBeenActive || location.pathname !== arrived) letThePageBeSeen()
addEventListener('click', event => {
  if (!event.isTrusted) return
  const mine = ++clicks
  if (!event.target.closest('[data-testid=stSidebarNavLink]')) return
  for (const moment of MOMENTS) setTimeout(() => clicks === mine && letThePageBeSeen(), moment)
})

// On a narrow screen the sidebar holds the menu and lies over the page: who has chosen a page, or opens one, wants to see it.
function letThePageBeSeen() {
  if (innerWidth > NARROW) return
  document.querySelector('[data-testid=stSidebar][data-collapsed=false] [data-testid=stSidebarCollapseButton] button')?.click()
}
