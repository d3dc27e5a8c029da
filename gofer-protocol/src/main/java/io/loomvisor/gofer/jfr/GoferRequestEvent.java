package io.loomvisor.gofer.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A request to the gofer and its reply. */
@Name("io.loomvisor.GoferRequest")
@Label("Gofer Request")
@Category({"Loomvisor", "Gofer"})
@Description("A request to the gofer: the time until its reply was there")
@StackTrace(false)
public final class GoferRequestEvent extends Event {
  @Label("Kind")
  public String kind;

  @Label("Error")
  @Description("The errno that the gofer answered; null for none")
  public String error;
}
