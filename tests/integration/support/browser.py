"""A headless Chromium that looks at pages, and what it has noticed."""

import json

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

FLAGS = ('--headless=new', '--no-sandbox', '--disable-dev-shm-usage',
         '--disable-gpu', '--no-first-run', '--disable-extensions',
         '--disable-background-networking', '--disable-component-update',
         '--disable-sync', '--hide-scrollbars=false')

# The least contrast of all texts that are seen, and whose it is.
LEAST_CONTRAST = '''
const channels = (text) => text.match(/[\\d.]+/g).map(Number);
const light = ([r, g, b]) => {
  const [x, y, z] = [r, g, b].map((c) => {
    c /= 255;
    return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
};
const behind = (element) => {
  for (let e = element; e; e = e.parentElement) {
    const colour = channels(getComputedStyle(e).backgroundColor);
    if (colour.length < 4 || colour[3] > 0) return colour;
  }
};
let least = [99, ''];
for (const e of document.querySelectorAll('body *')) {
  const text = [...e.childNodes].some(
    (n) => n.nodeType === Node.TEXT_NODE && n.textContent.trim());
  if (!text || !e.checkVisibility()) continue;
  const [a, b] = [light(channels(getComputedStyle(e).color)),
                  light(behind(e))];
  const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (contrast < least[0]) least = [contrast, e.outerHTML];
}
return least;
'''


class Browser:
    def __init__(self):
        options = webdriver.ChromeOptions()
        options.binary_location = '/usr/bin/chromium'
        for flag in FLAGS:
            options.add_argument(flag)
        options.set_capability('goog:loggingPrefs',
                               {'browser': 'ALL', 'performance': 'ALL'})
        self.driver = webdriver.Chrome(
            options=options, service=Service('/usr/bin/chromedriver'))

    def command(self, name, **parameters):
        self.driver.execute_cdp_cmd(name, parameters)

    def look_like(self, scheme, width, height=900):
        self.command('Emulation.setEmulatedMedia', features=[
            {'name': 'prefers-color-scheme', 'value': scheme}])
        self.command('Emulation.setDeviceMetricsOverride', width=width,
                     height=height, deviceScaleFactor=1, mobile=False)

    def scripts(self, allowed):
        self.command('Emulation.setScriptExecutionDisabled', value=not allowed)

    def open(self, url):
        self.driver.get(url)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def text(self, selector='body'):
        return self.run('return document.querySelector(arguments[0]).innerText',
                        selector)

    def fits(self):
        """Is there nothing beside what is seen, to be scrolled to?"""
        wide, seen = self.run(
            'const e = document.documentElement;'
            'return [e.scrollWidth, e.clientWidth]')
        return wide <= seen

    def least_contrast(self):
        return self.run(LEAST_CONTRAST)

    def screenshot(self, path):
        """Of the whole page."""
        height = self.run('return document.documentElement.scrollHeight')
        width = self.run('return document.documentElement.clientWidth')
        self.command('Emulation.setDeviceMetricsOverride', width=width,
                     height=height, deviceScaleFactor=1, mobile=False)
        self.driver.save_screenshot(str(path))

    def complaints(self):
        """What the console has said since the last time."""
        return [entry['message'] for entry in self.driver.get_log('browser')]

    def requests(self):
        """All that were asked for since the last time."""
        events = (json.loads(entry['message'])['message']
                  for entry in self.driver.get_log('performance'))
        return [event['params']['request']['url'] for event in events
                if event['method'] == 'Network.requestWillBeSent']

    def close(self):
        self.driver.quit()
