package io.loomvisor.kernel.ipc.msg;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.ipc.IpcLimits;
import io.loomvisor.kernel.ipc.IpcTable;
import io.loomvisor.vfs.Credentials;

/** The message queues of one IPC namespace. Any thread, no actor held. */
public final class MessageQueues {
  private final IpcLimits limits;
  private final IpcTable<MessageQueue> table;

  public MessageQueues(IpcLimits limits) {
    this.limits = limits;
    this.table = new IpcTable<>(limits::queues);
  }

  public IpcTable<MessageQueue> table() {
    return table;
  }

  public IpcLimits limits() {
    return limits;
  }

  /** msgget(2). */
  public MessageQueue get(int key, int flags, Credentials who) {
    return table.get(
        key,
        flags,
        who,
        there -> {},
        () -> {},
        (id, permission) -> new MessageQueue(id, permission, limits.queueBytes()));
  }

  /** IPC_RMID. */
  public void remove(MessageQueue queue) {
    if (!table.remove(queue, () -> {})) {
      throw Errno.EIDRM.exception();
    }
  }
}
