package io.loomvisor.kernel.jfr;

import java.util.List;
import jdk.jfr.Event;

/** The events of this module. */
public final class KernelEvents {
  public static final List<Class<? extends Event>> ALL =
      List.of(
          SyscallEvent.class,
          PageFaultEvent.class,
          SignalEvent.class,
          CloneEvent.class,
          ExecEvent.class,
          ExitEvent.class);

  private KernelEvents() {}
}
