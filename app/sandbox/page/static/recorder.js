/** Records a voice memo with the browser's own recorder, in the place of the text field. */

import { byId, clock } from "./dom.js";
import { strokes } from "./memo.js";

const LONGEST = 120_000; // milliseconds
const BLOCK = 60; // milliseconds between two looks at the level
const KEPT = 44;
const FULL = 0.4; // the level, 0..1, that fills the picture

/** The recording as a file, or null when it was discarded; raises what the browser raises. */
export async function record() {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const mimeType = ["audio/mp4", "audio/webm"].find((type) => MediaRecorder.isTypeSupported(type));
  const recorder = new MediaRecorder(stream, { mimeType });
  const context = new AudioContext();
  const timer = watch(stream, context);
  recorder.start();
  swap(true);
  byId("finish").focus();
  try {
    const keeps = await decision();
    const data = await end(recorder);
    const type = data.type.split(";")[0];
    return keeps ? new File([data], `Audio Message.${type === "audio/mp4" ? "m4a" : "webm"}`, { type }) : null;
  } finally {
    clearInterval(timer);
    context.close();
    stream.getTracks().forEach((track) => track.stop());
    swap(false);
  }
}

/** True to send, false to discard. */
function decision() {
  return new Promise((resolve) => {
    byId("finish").onclick = () => resolve(true);
    byId("discard").onclick = () => resolve(false);
    setTimeout(resolve, LONGEST, true);
  });
}

async function end(recorder) {
  const { data } = await new Promise((resolve) => {
    recorder.ondataavailable = resolve;
    recorder.stop();
  });
  return data;
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

function swap(records) {
  byId("recording").hidden = !records;
  byId("attach").hidden = byId("field").hidden = records;
  byId("elapsed").textContent = "0:00";
  if (!records) byId("mic").focus();
}
