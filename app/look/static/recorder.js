/** Records with the browser's own recorder. The page has #elapsed, #level, #finish and #discard. */

import { byId, clock } from "./dom.js";
import { strokes } from "./memo.js";

const LONGEST = 120_000; // milliseconds
const BLOCK = 60; // milliseconds between two looks at the level
const KEPT = 44;
const FULL = 0.4; // the level, 0..1, that fills the picture
const STILL_THERE = 4_000; // milliseconds
const TYPES = ["audio/mp4", "audio/webm", "audio/ogg"];

/** Whether this browser can record, and gives pages like this one a microphone. */
export function microphone() {
  return Boolean(navigator.mediaDevices?.getUserMedia && globalThis.MediaRecorder);
}

/**
 * The recording, or null when it was discarded; raises what the browser raises.
 * `shows` is called with true as it begins and with false at its end, `still` while it lasts.
 */
export async function record(shows, still = () => {}) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
  const recorder = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: 64_000 });
  const context = new AudioContext();
  const timers = [watch(stream, context), setInterval(still, STILL_THERE)];
  const whole = new Promise((resolve) => (recorder.ondataavailable = resolve));
  // What lasts too long ends by itself, and waits to be sent or discarded.
  const late = setTimeout(() => halt(recorder, timers), LONGEST);
  recorder.start();
  still();
  byId("elapsed").textContent = "0:00";
  shows(true);
  byId("finish").focus();
  try {
    const keeps = await decision();
    halt(recorder, timers);
    const { data } = await whole;
    return keeps ? data : null;
  } finally {
    clearTimeout(late);
    context.close();
    stream.getTracks().forEach((track) => track.stop());
    shows(false);
  }
}

/** True to send, false to discard. */
function decision() {
  return new Promise((resolve) => {
    byId("finish").onclick = () => resolve(true);
    byId("discard").onclick = () => resolve(false);
  });
}

function halt(recorder, timers) {
  timers.forEach(clearInterval);
  if (recorder.state !== "inactive") recorder.stop();
}

/** Shows how long and how loud it is, until the timer that is returned is cleared. */
function watch(stream, context) {
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const peaks = Array(KEPT).fill(0);
  const began = performance.now();
  return setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    peaks.shift();
    peaks.push(Math.max(...samples));
    byId("elapsed").textContent = clock((performance.now() - began) / 1000);
    byId("level").setAttribute("d", strokes(peaks, FULL));
  }, BLOCK);
}
