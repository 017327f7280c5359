/** The time now, ticking once a second, shared by every clock and age on the page. */
class Clock {
  now = $state(new Date());

  start(): () => void {
    const timer = setInterval(() => (this.now = new Date()), 1000);
    return () => clearInterval(timer);
  }
}

export const ticking = new Clock();
