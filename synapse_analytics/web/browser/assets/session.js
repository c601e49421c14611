// Asks now and then whether the session lasts. When it has ended, the page makes way for the one that says so: no number stays on the screen.
const LONGEST = 30, AWAY = 5 // seconds between two questions; and while the server does not answer

let waiting = 0

const ask = async () => {
  clearTimeout(waiting)
  let pause = AWAY
  try {
    const answer = await fetch('/api/session', {cache: 'no-store'})
    if (answer.status === 401) return location.reload()
    const {left} = await answer.json()
    pause = left === null ? LONGEST : Math.min(left + 1, LONGEST)
  } catch {
    // the server is away; a session that it had is gone when it is back
  }
  waiting = setTimeout(ask, pause * 1000)
}

// The server closes the tabs of a session that ends: asked at once, the others make way when one signs out.
const watch = () => {
  const app = document.querySelector('[data-testid=stApp]')
  if (!app) return setTimeout(watch, 500)
  new MutationObserver(() => app.dataset.testConnectionState !== 'CONNECTED' && ask()).observe(app, {
    attributes: true,
    attributeFilter: ['data-test-connection-state'],
  })
}

addEventListener('visibilitychange', () => document.hidden || ask())
addEventListener('pageshow', (event) => event.persisted && ask())
watch()
waiting = setTimeout(ask, LONGEST * 1000)
