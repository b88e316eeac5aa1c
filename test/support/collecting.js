// Preloaded into a process whose memory is measured: it collects its garbage when told to (node --expose-gc).
process.on('SIGUSR2', () => globalThis.gc());
