package io.loomvisor.kernel.ipc;

import io.loomvisor.kernel.ipc.msg.MessageQueue;
import io.loomvisor.kernel.ipc.sem.SemaphoreSet;
import io.loomvisor.kernel.ipc.shm.Segment;
import io.loomvisor.vfs.synthetic.TextBuffer;

/**
 * The text of /proc/sysvipc/*, in the formats of sysvipc_shm_proc_show() and kin. Identifiers of
 * users and processes take 5 columns, times 10.
 */
public final class IpcTables {
  private static final int ID = 5;
  private static final int TIME = 10;
  private static final int SIZE = 21;

  private final IpcNamespace ipc;

  public IpcTables(IpcNamespace ipc) {
    this.ipc = ipc;
  }

  public String shm() {
    TextBuffer out = new TextBuffer();
    out.add("       key      shmid perms                  size  cpid  lpid nattch   uid   gid ")
        .add(" cuid  cgid      atime      dtime      ctime                   rss")
        .add("                  swap\n");
    for (Segment s : ipc.segments().table().all()) {
      IpcPermission p = s.permission();
      begin(out, p, s.id());
      out.add(' ').right(Long.toUnsignedString(s.size()), SIZE);
      out.add(' ').right(s.creator(), ID).add(' ').right(s.lastProcess(), ID);
      out.add("  ").right(s.attachments(), ID);
      owners(out, p);
      time(out, s.attachTime());
      time(out, s.detachTime());
      time(out, s.changeTime());
      out.add(' ').right(s.resident(), SIZE).add(' ').right(0, SIZE).newline();
    }
    return out.toString();
  }

  public String sem() {
    TextBuffer out = new TextBuffer();
    out.add(
        "       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime\n");
    for (SemaphoreSet s : ipc.semaphores().table().all()) {
      IpcPermission p = s.permission();
      begin(out, p, s.id());
      out.add(' ').right(s.size(), 10);
      owners(out, p);
      time(out, s.operationTime());
      time(out, s.changeTime());
      out.newline();
    }
    return out.toString();
  }

  public String msg() {
    TextBuffer out = new TextBuffer();
    out.add(
            "       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid")
        .add("      stime      rtime      ctime\n");
    for (MessageQueue q : ipc.messages().table().all()) {
      IpcPermission p = q.permission();
      MessageQueue.Status s = q.status();
      begin(out, p, q.id());
      out.add("  ").right(s.bytes(), 10).add(' ').right(s.messages(), 10);
      out.add(' ').right(s.lastSender(), ID).add(' ').right(s.lastReceiver(), ID);
      owners(out, p);
      time(out, s.sendTime());
      time(out, s.receiveTime());
      time(out, s.changeTime());
      out.newline();
    }
    return out.toString();
  }

  private static void begin(TextBuffer out, IpcPermission p, int id) {
    out.right(p.key(), 10).add(' ').right(id, 10).add("  ");
    out.right(Integer.toOctalString(p.mode()), 4);
  }

  private static void owners(TextBuffer out, IpcPermission p) {
    for (int id : new int[] {p.uid(), p.gid(), p.cuid(), p.cgid()}) {
      out.add(' ').right(Integer.toUnsignedString(id), ID);
    }
  }

  private static void time(TextBuffer out, long seconds) {
    out.add(' ').right(seconds, TIME);
  }
}
