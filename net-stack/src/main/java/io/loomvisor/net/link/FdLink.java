package io.loomvisor.net.link;

import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.buffer.PacketPool;
import io.loomvisor.net.wire.MacAddress;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A link over a file descriptor where one read or write is one packet: a TUN device (IP framing,
 * IFF_NO_PI), a TAP device or a bound AF_PACKET socket (Ethernet). The descriptor is given, belongs
 * to the link and is closed by it.
 *
 * <p>If the descriptor has virtio headers, TCP data goes both ways in units of up to 64 KiB, with
 * one host call and without checksums: what cuts and sums, if anybody must, is the host's kernel or
 * its network card.
 *
 * <p>One platform thread reads, as a blocking host call would hold a virtual thread's carrier.
 * Writes happen on the stack's transmitting thread; the descriptor must be non-blocking, and a full
 * device queue drops, as a wire would.
 */
public final class FdLink implements Link {
  private static final Logger LOG = LoggerFactory.getLogger(FdLink.class);

  /** The largest IP packet with its Ethernet header, rounded up. */
  private static final int MAX_FRAME = 65_536 + 32;

  private static final int MAX_IP_PACKET = 65_535;

  /** Packets read between two polls, so that one busy device does not cost two calls per packet. */
  private static final int BATCH = 64;

  private final int fd;
  private final Framing framing;
  private final int mtu;
  private final MacAddress mac;

  /** Length of what stands in front of each frame: 0, or a virtio header's. */
  private final int prefix;

  private final PacketPool pool;
  private final int[] wake;
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * The reading side and writes under way; the descriptor is closed when it falls to 0, so never
   * under a write.
   */
  private final AtomicInteger users = new AtomicInteger(1);

  private final Arena writeArena = Arena.ofAuto();
  private final MemorySegment writeBuffer = writeArena.allocate(MAX_FRAME + VirtioNetHeader.SIZE);
  private final MemorySegment writeErrno = HostFd.errnoIn(writeArena);
  private volatile Receiver receiver;

  /** What was read and not handed on yet; the reading thread's. */
  private final PacketBuffer[] together = new PacketBuffer[BATCH];

  private int collected;

  /** Counted on the reading and on the transmitting thread. */
  private final AtomicLong dropped = new AtomicLong();

  private FdLink(int fd, Framing framing, int mtu, MacAddress mac, int prefix, PacketPool pool)
      throws IOException {
    this(fd, framing, mtu, mac, prefix, pool, HostFd.pipe());
  }

  private FdLink(
      int fd, Framing framing, int mtu, MacAddress mac, int prefix, PacketPool pool, int[] wake) {
    this.fd = fd;
    this.framing = framing;
    this.mtu = mtu;
    this.mac = mac;
    this.prefix = prefix;
    this.pool = pool;
    this.wake = wake;
  }

  public static FdLink tun(int fd, int mtu, PacketPool pool) throws IOException {
    return new FdLink(fd, Framing.IP, mtu, null, 0, pool);
  }

  /** A TAP device or an AF_PACKET socket; {@code mac} is the address the stack answers to. */
  public static FdLink ethernet(int fd, int mtu, MacAddress mac, PacketPool pool)
      throws IOException {
    return new FdLink(fd, Framing.ETHERNET, mtu, mac, 0, pool);
  }

  /** As {@link #ethernet}, over a descriptor with virtio headers. */
  public static FdLink offloading(int fd, int mtu, MacAddress mac, PacketPool pool)
      throws IOException {
    return new FdLink(fd, Framing.ETHERNET, mtu, mac, VirtioNetHeader.SIZE, pool);
  }

  /**
   * As {@link #offloading(int, int, MacAddress, PacketPool)}, for a process that may make no pipes.
   *
   * @param wake {@link #wakePipe} of another process
   */
  public static FdLink offloading(int fd, int[] wake, int mtu, MacAddress mac, PacketPool pool) {
    return new FdLink(fd, Framing.ETHERNET, mtu, mac, VirtioNetHeader.SIZE, pool, wake);
  }

  /** Both ends of a pipe that a link needs for itself. */
  public static int[] wakePipe() throws IOException {
    return HostFd.pipe();
  }

  @Override
  public void attach(Receiver r) {
    receiver = r;
    Thread.ofPlatform().daemon(true).name("net-read-" + fd).start(this::readLoop);
  }

  private void readLoop() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(MAX_FRAME + VirtioNetHeader.SIZE);
      MemorySegment errno = HostFd.errnoIn(arena);
      MemorySegment set = arena.allocate(16, 4);
      set.set(ValueLayout.JAVA_INT, 0, fd);
      set.set(ValueLayout.JAVA_INT, 8, wake[0]);
      while (!closed.get()) {
        set.set(ValueLayout.JAVA_SHORT, 4, HostFd.POLLIN);
        set.set(ValueLayout.JAVA_SHORT, 12, HostFd.POLLIN);
        int n = HostFd.poll(errno, set);
        if (n < 0 && n != -HostFd.EINTR) {
          LOG.error("poll on link fd {}: errno {}", fd, -n);
          break;
        }
        if (!closed.get() && !readTogether(errno, buffer)) {
          break;
        }
      }
    } finally {
      closed.set(true);
      leave();
      HostFd.close(wake[0]);
    }
  }

  private boolean enter() {
    return users.getAndUpdate(u -> u == 0 ? 0 : u + 1) > 0;
  }

  private void leave() {
    if (users.decrementAndGet() == 0) {
      HostFd.close(fd);
    }
  }

  /** As {@link #readSome}; hands what was read on, all at once. */
  private boolean readTogether(MemorySegment errno, MemorySegment buffer) {
    boolean more = readSome(errno, buffer);
    handOn();
    return more;
  }

  private void collect(PacketBuffer p) {
    if (collected == together.length) {
      handOn();
    }
    together[collected++] = p;
  }

  private void handOn() {
    int n = collected;
    collected = 0;
    if (n == 1) {
      receiver.receive(together[0]);
    } else if (n > 1) {
      receiver.receive(together, n);
    }
  }

  /** False if the device is gone. */
  private boolean readSome(MemorySegment errno, MemorySegment buffer) {
    for (int i = 0; i < BATCH; i++) {
      int n = HostFd.read(errno, fd, buffer);
      if (n == -HostFd.EAGAIN || n == -HostFd.EINTR || n == -HostFd.ENETDOWN) {
        return true; // an interface that goes down says so once, and may come up again
      }
      if (n <= 0) {
        LOG.warn("link fd {} ended: errno {}", fd, -n);
        return false;
      }
      if (n > prefix) {
        try {
          arrived(buffer, n - prefix);
        } catch (RuntimeException e) {
          // A bug of the stack's, and a packet is lost; the interface is not.
          LOG.error("a packet of {} bytes", n - prefix, e);
        }
      }
    }
    return true;
  }

  /** A frame of {@code n} bytes. */
  private void arrived(MemorySegment buffer, int n) {
    PacketBuffer p = pool.acquire(n);
    int at = p.append(n);
    MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, prefix, p.array(), at, n);
    if (prefix == 0) {
      collect(p);
      return;
    }
    switch (VirtioNetHeader.read(buffer, p)) {
      case WHOLE -> collect(p);
      case DATAGRAMS -> DatagramUnits.split(p, pool, this::collect);
      case UNKNOWN -> drop(p);
    }
  }

  private void drop(PacketBuffer p) {
    dropped.incrementAndGet();
    p.release();
  }

  @Override
  public void write(PacketBuffer packet) {
    int n = packet.length();
    if (n > MAX_FRAME || !enter()) {
      drop(packet);
      return;
    }
    try {
      if (prefix != 0) {
        VirtioNetHeader.write(writeBuffer, packet);
      }
      byte[] bytes = packet.array();
      MemorySegment.copy(
          bytes, packet.start(), writeBuffer, ValueLayout.JAVA_BYTE, prefix, packet.length());
      int r = HostFd.write(writeErrno, fd, writeBuffer, prefix + n);
      if (r == -HostFd.EINTR) {
        r = HostFd.write(writeErrno, fd, writeBuffer, prefix + n);
      }
      if (r < 0) {
        dropped.incrementAndGet();
      }
    } finally {
      leave();
      packet.release();
    }
  }

  /** Ends the reading thread. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      // The read end sees the hang-up and wakes.
      HostFd.close(wake[1]);
      if (receiver == null) {
        leave();
        HostFd.close(wake[0]);
      }
    }
  }

  @Override
  public Framing framing() {
    return framing;
  }

  @Override
  public int segmentationLimit() {
    return prefix == 0 ? 0 : MAX_IP_PACKET;
  }

  @Override
  public boolean checksumOffload() {
    return prefix != 0;
  }

  @Override
  public int mtu() {
    return mtu;
  }

  @Override
  public MacAddress mac() {
    return mac;
  }

  @Override
  public long dropped() {
    return dropped.get();
  }
}
