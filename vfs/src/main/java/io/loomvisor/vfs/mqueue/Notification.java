package io.loomvisor.vfs.mqueue;

/**
 * What mq_notify(2) has registered with a queue.
 *
 * @param process whose it is; compared by identity
 * @param pid of the process
 * @param how SIGEV_SIGNAL, SIGEV_NONE or SIGEV_THREAD
 * @param signal for SIGEV_SIGNAL
 */
public record Notification(Object process, int pid, int how, int signal, Delivery delivery) {
  /** How it reaches the process; called with no actor held, at most one method and once. */
  public interface Delivery {
    /** A message has come into the empty queue, from a process with this id and user. */
    void messageArrived(int senderPid, int senderUid);

    /** It was withdrawn. */
    default void withdrawn() {}
  }
}
