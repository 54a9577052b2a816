/** Records a voice memo with the browser's own recorder. */

const LONGEST = 120_000; // milliseconds
const BLOCK = 60; // milliseconds between two looks at the level
const KEPT = 44;

/** One recording. `onLevel(peaks, seconds)` is told how loud it is, `onFull` when it has to end. */
export class Recorder {
  #stream;
  #recorder;
  #context;
  #timer;

  static isAvailable() {
    return Boolean(navigator.mediaDevices?.getUserMedia && window.MediaRecorder);
  }

  constructor(onLevel, onFull) {
    this.onLevel = onLevel;
    this.onFull = onFull;
  }

  /** Asks for the microphone and begins; raises what the browser raises when it is refused. */
  async start() {
    this.#stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    const mimeType = ["audio/mp4", "audio/webm"].find((type) => MediaRecorder.isTypeSupported(type));
    this.#recorder = new MediaRecorder(this.#stream, { mimeType });
    this.#recorder.start();
    this.#watch();
  }

  /** Ends the recording and returns it as a file. */
  async stop() {
    const chunk = new Promise((resolve) => {
      this.#recorder.addEventListener("dataavailable", (event) => resolve(event.data), { once: true });
    });
    this.#recorder.stop();
    const data = await chunk;
    this.release();
    const type = data.type.split(";")[0];
    return new File([data], `Audio Message.${type === "audio/mp4" ? "m4a" : "webm"}`, { type });
  }

  /** Lets the microphone go. */
  release() {
    clearInterval(this.#timer);
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#context?.close();
    this.#context = null;
  }

  #watch() {
    const began = performance.now();
    const peaks = Array(KEPT).fill(0);
    this.#context = new AudioContext();
    const analyser = this.#context.createAnalyser();
    this.#context.createMediaStreamSource(this.#stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.#timer = setInterval(() => {
      const passed = performance.now() - began;
      analyser.getFloatTimeDomainData(samples);
      peaks.push(samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0));
      peaks.shift();
      this.onLevel(peaks, passed / 1000);
      if (passed >= LONGEST) this.onFull();
    }, BLOCK);
  }
}
