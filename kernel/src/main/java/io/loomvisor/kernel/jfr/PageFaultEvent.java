package io.loomvisor.kernel.jfr;

import io.loomvisor.platform.Exit;
import io.loomvisor.task.Task;
import io.loomvisor.task.memory.FaultOutcome;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.MemoryAddress;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A page fault of the application that came to the sentry. */
@Name("io.loomvisor.PageFault")
@Label("Page Fault")
@Category({"Loomvisor", "Kernel"})
@Description("A page fault of the application that came to the sentry")
@StackTrace(false)
public final class PageFaultEvent extends TaskEvent {

  @Label("Address")
  @MemoryAddress
  public long address;

  @Label("Access")
  public String access;

  @Label("Present")
  @Description("The page was there and did not allow it")
  public boolean present;

  @Label("Outcome")
  public String outcome;

  @Label("Pages")
  @Description("Pages that have become resident; none if one was copied or only allowed")
  public int pages;

  /** The fault has been dealt with; {@link #begin} was called before. */
  public void finish(Task who, Exit.PageFault fault, FaultOutcome result, int broughtIn) {
    end();
    if (shouldCommit()) {
      by(who);
      address = fault.address();
      access = fault.write() ? "write" : fault.execute() ? "execute" : "read";
      present = fault.present();
      outcome = result.name();
      pages = broughtIn;
      commit();
    }
  }
}
