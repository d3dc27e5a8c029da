package io.loomvisor.vfs.mqueue;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.proc.Sysctl;
import io.loomvisor.vfs.proc.SysctlTable;
import java.util.concurrent.ConcurrentHashMap;

/** /proc/sys/fs/mqueue, and how many bytes of RLIMIT_MSGQUEUE each user has taken. Any thread. */
public final class MqueueLimits {
  /** HARD_MSGMAX and HARD_MSGSIZEMAX of linux/ipc_namespace.h. */
  private static final long HARD_MESSAGES = 65536;

  private static final long HARD_SIZE = 16L << 20;

  /** sizeof(struct msg_msg) and sizeof(struct posix_msg_tree_node), which count too. */
  private static final long MESSAGE_COST = 48;

  private static final long PRIORITY_COST = 48;

  private final Sysctl.Number queues = new Sysctl.Number(256, 0, Integer.MAX_VALUE);
  private final Sysctl.Number messages = new Sysctl.Number(10, 1, HARD_MESSAGES);
  private final Sysctl.Number size = new Sysctl.Number(8192, 128, HARD_SIZE);
  private final Sysctl.Number defaultMessages = new Sysctl.Number(10, 1, HARD_MESSAGES);
  private final Sysctl.Number defaultSize = new Sysctl.Number(8192, 128, HARD_SIZE);
  private final ConcurrentHashMap<Integer, Long> bytes = new ConcurrentHashMap<>();

  /** Shows them in /proc/sys. */
  public void addTo(SysctlTable table) {
    table
        .put("fs/mqueue/queues_max", queues)
        .put("fs/mqueue/msg_max", messages)
        .put("fs/mqueue/msgsize_max", size)
        .put("fs/mqueue/msg_default", defaultMessages)
        .put("fs/mqueue/msgsize_default", defaultSize);
  }

  long queues() {
    return queues.value();
  }

  /** What a queue gets that is made without attributes. */
  Capacity standard() {
    return new Capacity(
        Math.min(messages.value(), defaultMessages.value()),
        Math.min(size.value(), defaultSize.value()));
  }

  /** What one queue holds at most. */
  public record Capacity(long messages, long messageSize) {
    /** What it counts against RLIMIT_MSGQUEUE. */
    long cost() {
      long tree =
          messages * MESSAGE_COST + Math.min(messages, MessageBox.PRIORITIES) * PRIORITY_COST;
      return messages * messageSize + tree;
    }
  }

  /** EINVAL if {@code wanted} is more than {@code who} may have. */
  void check(Capacity wanted, Credentials who) {
    boolean capable = who.has(Credentials.CAP_SYS_RESOURCE);
    long most = capable ? HARD_MESSAGES : messages.value();
    long largest = capable ? HARD_SIZE : size.value();
    if (wanted.messages <= 0
        || wanted.messageSize <= 0
        || wanted.messages > most
        || wanted.messageSize > largest) {
      throw Errno.EINVAL.exception();
    }
  }

  /** EMFILE if the user would have more than {@code limit}, RLIMIT_MSGQUEUE. */
  void take(int uid, long cost, long limit) {
    bytes.compute(
        uid,
        (u, n) -> {
          long now = (n == null ? 0 : n) + cost;
          if (now > limit) {
            throw Errno.EMFILE.exception();
          }
          return now;
        });
  }

  void give(int uid, long cost) {
    bytes.computeIfPresent(uid, (u, n) -> n <= cost ? null : n - cost);
  }
}
