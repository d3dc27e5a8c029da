package io.loomvisor.scheduler.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** A timer ran: how late, and how long its action took. */
@Name("io.loomvisor.Timer")
@Label("Timer")
@Category({"Loomvisor", "Scheduler"})
@Description("A timer of the sentry ran; the duration is its action's")
@StackTrace(false)
public final class TimerEvent extends Event {
  @Label("Lateness")
  @Timespan(Timespan.NANOSECONDS)
  public long lateness;
}
