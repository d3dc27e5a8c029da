package io.loomvisor.scheduler.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;

/** A task that is ready to run got a vCPU: the time it waited. */
@Name("io.loomvisor.VcpuWait")
@Label("vCPU Wait")
@Category({"Loomvisor", "Scheduler"})
@Description("A task leased a vCPU: the time until it had one")
@Threshold("20 us")
@StackTrace(false)
public final class VcpuWaitEvent extends Event {
  @Label("vCPU")
  public int vcpu;

  /** It has been leased; {@link #begin} was called before. */
  public void finish(int index) {
    end();
    if (shouldCommit()) {
      vcpu = index;
      commit();
    }
  }
}
