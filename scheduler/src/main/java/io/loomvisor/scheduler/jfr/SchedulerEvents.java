package io.loomvisor.scheduler.jfr;

import java.util.List;
import jdk.jfr.Event;

/** The events of this module. */
public final class SchedulerEvents {
  public static final List<Class<? extends Event>> ALL =
      List.of(ActorWaitEvent.class, VcpuWaitEvent.class, TimerEvent.class);

  private SchedulerEvents() {}
}
