package io.loomvisor.scheduler.vcpu;

/** The host's thread on which the caller runs; of a virtual thread, its carrier for the moment. */
public interface HostThread {
  /** Nothing is known of it: time is taken for CPU time. */
  HostThread UNKNOWN =
      new HostThread() {
        @Override
        public long id() {
          return 0;
        }

        @Override
        public long cpuTime() {
          return System.nanoTime();
        }
      };

  /** Different for threads that are alive. */
  long id();

  /** How long it has had a CPU of the host, ns. */
  long cpuTime();
}
