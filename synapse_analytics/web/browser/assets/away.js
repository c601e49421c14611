// When the server does not answer, the page says so: its numbers no longer look live, and nothing can be clicked on that nobody would hear.
const BREAK = 1500 // ms; a shorter break nobody has to know of
const FIRST = 15000 // ms until a page that never was connected says so
const STATE = 'data-test-connection-state'
const STYLE = `
.away {position: fixed; top: 0; left: 0; right: 0; z-index: 2000000; padding: 12px 24px; background: #7a1f1f; color: #fff; font: 16px/1.5 "Source Sans", sans-serif}
html[data-away] [data-testid=stApp] {filter: grayscale(1); opacity: .4}`

let app, timer = 0, answered = false

function look() {
  clearTimeout(timer)
  if (app.getAttribute(STATE) === 'CONNECTED') {
    answered = true
    delete document.documentElement.dataset.away
    app.inert = false
    app.style.top = ''
    document.querySelector('.away')?.remove()
  } else if (!document.querySelector('.away')) timer = setTimeout(say, answered ? BREAK : FIRST)
}

function say() {
  const told = document.createElement('div')
  told.className = 'away'
  told.setAttribute('role', 'alert')
  told.append(Object.assign(document.createElement('strong'), { textContent: 'The connection to the dashboard is lost. ' }))
  told.append(answered
    ? `The numbers below are from before ${new Date().toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })}, and nothing can be clicked. When the dashboard is back, the page goes on by itself or says how to come in again. If that takes long, tell whoever runs it.`
    : 'The page appears by itself when the dashboard answers. If it does not, tell whoever runs it.')
  document.body.append(told)
  document.documentElement.dataset.away = ''
  app.inert = true
  app.style.top = `${told.offsetHeight}px` // nothing of the page is hidden behind the words
}

function watch() {
  app = document.querySelector('[data-testid=stApp]')
  if (!app) return setTimeout(watch, 500)
  document.head.append(Object.assign(document.createElement('style'), { textContent: STYLE }))
  new MutationObserver(look).observe(app, { attributes: true, attributeFilter: [STATE] })
  look()
}
watch()

// What Streamlit says about itself, by how it begins, and what our readers are told instead; nothing: it is closed, as the page says it already.
const WORDS = [
  ['Connection error', ''],
  ['Page not found', 'There is no such page'],
  ['You have requested page', 'The address names a page that this dashboard does not have. You see its first page.'],
  ['The page that you have requested does not seem to exist', 'The address names a page that this dashboard does not have. You see its first page.'],
  ['Bad message format', 'A part of the page cannot be shown'],
  ['Script execution error', 'This page cannot be shown'],
  ['Cannot load Streamlit frontend code', 'The dashboard was updated while this page was open. '],
  ['Connecting to Streamlit server', 'Connecting to the dashboard'],
  ['Unable to connect to Streamlit server', 'The dashboard does not answer'],
]
const PLACES = '[data-testid=stDialog], [data-testid=stException], [data-testid=stTooltipContent], [role=tooltip]'

function reword() {
  for (const place of document.querySelectorAll(PLACES)) {
    const texts = document.createTreeWalker(place, NodeFilter.SHOW_TEXT)
    while (texts.nextNode()) {
      const found = WORDS.find(([theirs]) => texts.currentNode.data.startsWith(theirs))
      if (found?.[1]) texts.currentNode.data = found[1]
      else if (found) return place.querySelector('button[aria-label=Close]')?.click()
    }
  }
}
new MutationObserver(reword).observe(document.documentElement, { childList: true, subtree: true })
