package io.loomvisor.gofer.jfr;

/** As {@code scheduler.jfr.Recording}, which this module does not know. */
public final class GoferRecording {
  /**
   * Not a field of the event: a look at it would initialize that class, which starts the recorder.
   */
  public static final boolean POSSIBLE = Boolean.getBoolean("loomvisor.jfr");

  private GoferRecording() {}
}
