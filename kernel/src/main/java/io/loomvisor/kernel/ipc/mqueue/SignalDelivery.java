package io.loomvisor.kernel.ipc.mqueue;

import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.task.process.ThreadGroup;
import io.loomvisor.task.signal.SignalInfo;
import io.loomvisor.vfs.mqueue.Notification;

/**
 * SIGEV_SIGNAL: the process gets a signal that says who has sent the message.
 *
 * @param value sigev_value
 */
public record SignalDelivery(ProcessTree processes, ThreadGroup process, int signal, long value)
    implements Notification.Delivery {
  @Override
  public void messageArrived(int senderPid, int senderUid) {
    if (signal != 0) {
      processes.send(
          process, SignalInfo.from(signal, SignalInfo.SI_MESGQ, senderPid, senderUid, value), null);
    }
  }
}
