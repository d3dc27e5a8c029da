package io.loomvisor.kernel.socket.diag;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.socket.netlink.MessageWriter;
import io.loomvisor.kernel.socket.netlink.NetlinkRequest;
import io.loomvisor.vfs.socket.SocketAbi;
import io.loomvisor.vfs.socket.unix.UnixSocketRow;
import io.loomvisor.vfs.socket.unix.UnixSockets;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * AF_UNIX. struct unix_diag_req and unix_diag_msg:
 *
 * <pre>
 *   0        1          2     4        8     12     16       24
 *   | family | protocol | pad | states | ino | show | cookie |
 *   0        1      2       3     4     8        16
 *   | family | type | state | pad | ino | cookie |
 * </pre>
 */
final class UnixDiag {
  private static final int REQUEST_SIZE = 24;

  private final UnixSockets sockets;

  UnixDiag(UnixSockets sockets) {
    this.sockets = sockets;
  }

  List<byte[]> answer(NetlinkRequest r) {
    ByteBuffer b = r.payload();
    if (b.remaining() < REQUEST_SIZE) {
      throw Errno.EINVAL.exception();
    }
    int states = b.getInt(4);
    int ino = b.getInt(8);
    int show = b.getInt(12);
    long cookie = b.getLong(16);
    List<byte[]> all = new ArrayList<>();
    for (UnixSocketRow x : sockets.rows()) {
      if (r.isDump() ? (states >>> state(x) & 1) != 0 : x.ino() == ino) {
        if (!r.isDump() && cookie != -1 && cookie != x.ino()) {
          throw Errno.ESTALE.exception();
        }
        all.add(message(r, x, show));
      }
    }
    if (r.isDump()) {
      all.add(r.done());
    } else if (ino == 0) {
      throw Errno.EINVAL.exception();
    } else if (all.isEmpty()) {
      throw Errno.ENOENT.exception();
    }
    return all;
  }

  private static int state(UnixSocketRow x) {
    return x.listening()
        ? DiagAbi.TCP_LISTEN
        : x.connected() ? DiagAbi.TCP_ESTABLISHED : DiagAbi.TCP_CLOSE;
  }

  private static byte[] message(NetlinkRequest r, UnixSocketRow x, int show) {
    MessageWriter m =
        r.reply(DiagAbi.SOCK_DIAG_BY_FAMILY)
            .u8(SocketAbi.AF_UNIX)
            .u8(x.type())
            .u8(state(x))
            .u8(0)
            .u32((int) x.ino())
            .u32((int) x.ino())
            .u32(0);
    if ((show & DiagAbi.UDIAG_SHOW_NAME) != 0 && x.name() != null) {
      m.attribute(DiagAbi.UNIX_DIAG_NAME, x.name());
    }
    if ((show & DiagAbi.UDIAG_SHOW_VFS) != 0 && x.file() != 0) {
      m.attribute(DiagAbi.UNIX_DIAG_VFS, words((int) x.file(), (int) x.device()));
    }
    if ((show & DiagAbi.UDIAG_SHOW_PEER) != 0 && x.peer() >= 0) {
      m.attribute(DiagAbi.UNIX_DIAG_PEER, (int) x.peer());
    }
    if ((show & DiagAbi.UDIAG_SHOW_ICONS) != 0 && x.listening()) {
      m.attribute(DiagAbi.UNIX_DIAG_ICONS, words(x.waitingPeers()));
    }
    if ((show & DiagAbi.UDIAG_SHOW_RQLEN) != 0) {
      m.attribute(DiagAbi.UNIX_DIAG_RQLEN, words(x.receiveQueue(), x.sendQueue()));
    }
    if ((show & DiagAbi.UDIAG_SHOW_MEMINFO) != 0) {
      int sent = x.listening() ? 0 : x.sendQueue();
      m.attribute(
          DiagAbi.UNIX_DIAG_MEMINFO,
          words(0, x.receiveBuffer(), sent, x.sendBuffer(), 0, 0, 0, 0, 0));
    }
    m.attribute(DiagAbi.UNIX_DIAG_SHUTDOWN, new byte[] {(byte) x.shutdown()});
    if ((show & DiagAbi.UDIAG_SHOW_UID) != 0) {
      m.attribute(DiagAbi.UNIX_DIAG_UID, x.uid());
    }
    return m.finish();
  }

  private static byte[] words(int... values) {
    ByteBuffer b =
        ByteBuffer.allocate(values.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int v : values) {
      b.putInt(v);
    }
    return b.array();
  }
}
