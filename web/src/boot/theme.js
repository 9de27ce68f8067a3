// Runs before the first paint: sets the theme that was chosen, so that no page flashes in the other one.
(function () {
  var choice = 'system';
  try {
    choice = JSON.parse(localStorage.getItem('klieg.theme') || '{}').choice || 'system';
  } catch {
    // Storage is blocked or holds something else: follow the system.
  }
  var light = choice === 'light' || (choice !== 'dark' && matchMedia('(prefers-color-scheme: light)').matches);
  document.documentElement.dataset.theme = light ? 'light' : 'dark';
})();
