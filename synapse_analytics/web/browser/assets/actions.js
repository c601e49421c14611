// What one does with a whole page: copy its address, which holds filters and choices, and print it.
import { copied } from './copy.js'
import './focus.js'
import './history.js'

const SAID_FOR = 2000 // ms
const EVERY = 300 // ms
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

// On a narrow screen the sidebar holds the menu and lies over the page: who has chosen a page, or opens one, wants to see it, until the
// next click. Looked at again and again, because Streamlit draws the sidebar of another page when it can, on a busy machine late, and
// because a person may choose a page before this file is here: then only the address tells.
let page = new URL(performance.getEntriesByType('navigation')[0]?.name ?? location.href).pathname
let wantsThePage = !navigator.userActivation?.hasBeenActive
addEventListener('click', event => {
  if (event.isTrusted) wantsThePage = Boolean(event.target.closest('[data-testid=stSidebarNavLink]'))
})
setInterval(letThePageBeSeen, EVERY)

function letThePageBeSeen() {
  if (innerWidth > NARROW) return
  if (location.pathname !== page) wantsThePage = true
  page = location.pathname
  if (wantsThePage) document.querySelector('[data-testid=stSidebar][data-collapsed=false] [data-testid=stSidebarCollapseButton] button')?.click()
}
