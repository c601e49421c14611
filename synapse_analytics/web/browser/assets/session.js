// Asks now and then whether the session lasts. When it has ended, the page makes way for the one that says so: no number stays on the screen.
const LONGEST = 30, AWAY = 5 // seconds between two questions; and while the server does not answer
const GOING = 10 // seconds that a page may take to make way for another

let waiting = 0, gone = -Infinity

const ask = async () => {
  clearTimeout(waiting)
  let pause = AWAY
  try {
    const answer = await fetch('/api/session', {cache: 'no-store'})
    // Who signs out is on the way to the provider, which ends its session, too: nothing may come between.
    if (answer.status === 401 && performance.now() - gone > GOING * 1000) return location.reload()
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

addEventListener('beforeunload', () => { gone = performance.now() })
addEventListener('visibilitychange', () => document.hidden || ask())
addEventListener('pageshow', (event) => {
  gone = -Infinity // back again
  if (event.persisted) ask()
})
watch()
waiting = setTimeout(ask, LONGEST * 1000)
