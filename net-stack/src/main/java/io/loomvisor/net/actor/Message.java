package io.loomvisor.net.actor;

/** Something that can wait in a {@link Mailbox}. A message is in at most one mailbox at a time. */
public abstract class Message {
  /** Links towards the head of the queue; owned by the mailbox while the message is queued. */
  Message older;

  /** Runs inside {@code owner}. */
  protected abstract void deliver(Mailbox owner);

  /** Called instead of {@link #deliver} when delivery failed: gives back what the message owns. */
  protected void discard() {}
}
