package io.loomvisor.vfs.socket.unix;

/**
 * One socket as sock_diag(7) tells of it.
 *
 * @param ino 0: no descriptor leads to it yet
 * @param name the bytes of sun_path, of a path with its NUL; null if it has none
 * @param file the inode number of its path; 0: it has none
 * @param device of that path's file system
 * @param peer inode number of whom it is connected to, 0 if that has none; negative: nobody
 * @param receiveQueue bytes, or if it listens connections, that wait
 * @param sendQueue memory of what it has sent and nobody has read, or if it listens how many may
 *     wait
 * @param shutdown RCV_SHUTDOWN 1, SEND_SHUTDOWN 2
 * @param waitingPeers inode numbers of those that wait to be accepted
 */
public record UnixSocketRow(
    int type,
    boolean listening,
    boolean connected,
    long ino,
    byte[] name,
    long file,
    long device,
    long peer,
    int receiveQueue,
    int sendQueue,
    int receiveBuffer,
    int sendBuffer,
    int shutdown,
    int uid,
    int[] waitingPeers) {
  static UnixSocketRow of(UnixSocket s) {
    UnixAddress name = s.address();
    UnixSocket peer = s.peer();
    var file = s.boundFile();
    return new UnixSocketRow(
        s.type(),
        s.listening(),
        s.connected(),
        shownIno(s),
        name == null ? null : name.pathBytes(),
        file == null ? 0 : file.inode().stat().ino(),
        file == null ? 0 : file.inode().stat().dev(),
        peer == null ? -1 : shownIno(peer),
        s.listening() ? s.backlogCount() : s.queue().bytes(),
        s.listening() ? s.backlogLimit() : s.sendBuffer().queued(),
        s.options().number(io.loomvisor.vfs.socket.SocketAbi.SO_RCVBUF),
        s.options().number(io.loomvisor.vfs.socket.SocketAbi.SO_SNDBUF),
        s.queue().shutdown(),
        s.inode().uid(),
        s.waitingPeers());
  }

  static long shownIno(UnixSocket s) {
    return s.awaitsAccept() || s.queue().closed() ? 0 : s.inode().stat().ino();
  }
}
