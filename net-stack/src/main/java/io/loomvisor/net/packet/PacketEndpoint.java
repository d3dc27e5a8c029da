package io.loomvisor.net.packet;

import io.loomvisor.net.actor.Mailbox;
import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.ip.Nic;
import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.socket.Events;
import io.loomvisor.net.socket.Readiness;
import io.loomvisor.net.socket.Truesize;
import io.loomvisor.net.time.WallClock;
import io.loomvisor.net.wire.Ethernet;
import io.loomvisor.net.wire.MacAddress;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One packet socket. Operations never wait; they return a count or 0, or a negative Linux errno.
 * Any thread may call them, except from inside a mailbox of the stack.
 */
public final class PacketEndpoint extends Mailbox {
  /** ETH_P_ALL: frames of every type, sent ones too. */
  public static final int ALL = 3;

  /** Frames that may wait for a busy mailbox. */
  private static final int MAX_WAITING = 1024;

  private static final int DEFAULT_BUFFER = 212_992;

  /** A VLAN tag may come on top of the MTU (packet_snd). */
  private static final int TAG = 4;

  private final IpLayer ip;
  private final PacketLayer layer;
  private final int id;
  private final boolean cooked;
  private final AtomicInteger waiting = new AtomicInteger();
  private final ArrayDeque<CapturedFrame> queue = new ArrayDeque<>();
  private final Events events = new Events();
  private int queuedBytes;
  private int limit = DEFAULT_BUFFER;
  private long taken;
  private long lost;
  private int freezesTold;
  private boolean expiring;

  /** What {@link #offer} looks at from any thread; written inside the mailbox. */
  private volatile Selection selection;

  private volatile FrameRing ring;

  /** Whether the queue has something; written when the mailbox is let go. */
  private volatile int readiness = Readiness.OUT;

  private record Selection(
      int protocol, int nicId, FrameFilter filter, boolean ignoreOutgoing, boolean closed) {}

  /** Where it is bound to. */
  public record Binding(int protocol, int nicId) {}

  /** Counts since they were last asked for (PACKET_STATISTICS). */
  public record Statistics(int packets, int drops, int freezes) {}

  PacketEndpoint(IpLayer ip, PacketLayer layer, int id, boolean cooked, int protocol) {
    this.ip = ip;
    this.layer = layer;
    this.id = id;
    this.cooked = cooked;
    selection = new Selection(protocol, 0, FrameFilter.ALL, false, false);
  }

  // Settings

  /**
   * bind(2).
   *
   * @param protocol 0: as before
   * @param nicId 0: all interfaces
   */
  public int bind(int protocol, int nicId) {
    if (nicId != 0 && ip.nic(nicId) == null) {
      return -Errno.ENODEV;
    }
    return ask(
        () -> {
          Selection s = selection;
          int p = protocol == 0 ? s.protocol : protocol;
          selection = new Selection(p, nicId, s.filter, s.ignoreOutgoing, s.closed);
          return 0;
        });
  }

  public Binding binding() {
    Selection s = selection;
    return new Binding(s.protocol, s.nicId);
  }

  public boolean cooked() {
    return cooked;
  }

  /** Which frames it wants from now on. */
  public void filter(FrameFilter f) {
    ask(
        () -> {
          Selection s = selection;
          selection = new Selection(s.protocol, s.nicId, f, s.ignoreOutgoing, s.closed);
        });
  }

  /** PACKET_IGNORE_OUTGOING. */
  public void ignoreOutgoing(boolean on) {
    ask(
        () -> {
          Selection s = selection;
          selection = new Selection(s.protocol, s.nicId, s.filter, on, s.closed);
        });
  }

  public boolean ignoresOutgoing() {
    return selection.ignoreOutgoing;
  }

  /** SO_RCVBUF. */
  public void receiveBuffer(int bytes) {
    ask(
        () -> {
          limit = bytes;
        });
  }

  /** Frames go there from now on; null: into the queue. */
  public void ring(FrameRing r) {
    ask(
        () -> {
          ring = r;
        });
  }

  // Receiving

  /** Called with every frame of every interface. */
  void offer(Nic nic, PacketBuffer frame, PacketType type) {
    Selection s = selection;
    boolean outgoing = type == PacketType.OUTGOING;
    boolean mine =
        (s.nicId == 0 || s.nicId == nic.id())
            && (s.protocol == ALL
                ? !outgoing || frame.tapOrigin != id && !s.ignoreOutgoing
                : !outgoing && s.protocol == frame.etherType);
    if (s.closed || !mine) {
      return;
    }
    FrameView view = new FrameView(nic, frame, cooked, type);
    int keep = s.filter.keep(view);
    if (keep == 0) {
      return;
    }
    if (waiting.incrementAndGet() > MAX_WAITING) {
      waiting.decrementAndGet();
      tell(() -> lost++);
      return;
    }
    CapturedFrame captured = capture(view, frame, keep);
    tell(() -> arrive(captured));
  }

  private CapturedFrame capture(FrameView view, PacketBuffer frame, int keep) {
    int whole = view.length();
    byte[] data = new byte[Integer.compareUnsigned(keep, whole) < 0 ? keep : whole];
    int from = frame.end() - whole;
    System.arraycopy(frame.array(), from, data, 0, data.length);
    return new CapturedFrame(
        data,
        whole,
        view.networkOffset(),
        frame.etherType,
        view.nic().id(),
        view.type(),
        new MacAddress(Ethernet.source(frame.array(), frame.start())),
        frame.checksumStart != 0,
        WallClock.nanos());
  }

  private void arrive(CapturedFrame f) {
    waiting.decrementAndGet();
    if (selection.closed) {
      return;
    }
    if (ring != null) {
      putInRing(f);
      return;
    }
    if (queuedBytes >= limit) {
      lost++;
      return;
    }
    taken++;
    queuedBytes += charge(f);
    queue.add(f);
    event(Readiness.IN);
  }

  private static int charge(CapturedFrame f) {
    return Truesize.of(f.data().length, 0, false);
  }

  private void putInRing(CapturedFrame f) {
    FrameRing.Put put = ring.put(f, lost > 0);
    if (put == FrameRing.Put.LOST) {
      lost++;
    } else {
      taken++;
    }
    if (put == FrameRing.Put.READABLE) {
      event(Readiness.IN);
    }
    if (ring.held()) {
      expireLater();
    }
  }

  private void expireLater() {
    FrameRing r = ring;
    if (expiring || r == null || r.holdTime() == 0) {
      return;
    }
    expiring = true;
    ip.clock().schedule(ip.clock().nanoTime() + r.holdTime(), () -> tell(() -> expire(r)));
  }

  private void expire(FrameRing r) {
    expiring = false;
    if (r != ring || selection.closed) {
      return;
    }
    if (r.expire(lost > 0)) {
      event(Readiness.IN);
    } else if (r.held()) {
      expireLater();
    }
  }

  /** The next frame, or null. */
  public CapturedFrame receive(boolean peek) {
    return ask(
        () -> {
          CapturedFrame f = peek ? queue.peek() : queue.poll();
          if (f != null && !peek) {
            queuedBytes -= charge(f);
          }
          return f;
        });
  }

  /** SIOCINQ: length of the next frame, or 0. */
  public int available() {
    return ask(() -> queue.isEmpty() ? 0 : queue.peek().data().length);
  }

  /** Memory that what waits is charged with. */
  public int queuedBytes() {
    return ask(() -> queuedBytes);
  }

  /** Reads and clears the counts; {@code packets} counts those lost, too. */
  public Statistics takeStatistics() {
    return ask(
        () -> {
          int freezes = ring == null ? 0 : ring.freezes();
          Statistics s = new Statistics((int) (taken + lost), (int) lost, freezes - freezesTold);
          taken = 0;
          lost = 0;
          freezesTold = freezes;
          return s;
        });
  }

  // Sending

  /**
   * Sends a frame, or what is behind its header if this endpoint is cooked.
   *
   * @param protocol EtherType, of a cooked endpoint's frames
   * @param to their destination; null: none was given
   */
  public int send(int nicId, int protocol, MacAddress to, byte[] data) {
    Nic nic = ip.nic(nicId);
    if (nic == null) {
      return -Errno.ENXIO;
    }
    int header = cooked ? Ethernet.HEADER_LENGTH : 0;
    if (cooked && to == null && !nic.isLoopback()
        || !cooked && data.length < Ethernet.HEADER_LENGTH) {
      return -Errno.EINVAL;
    }
    int longest = Math.min(nic.link().mtu(), 65_535) + Ethernet.HEADER_LENGTH - header;
    if (data.length > longest + (cooked ? 0 : TAG)) {
      return -Errno.EMSGSIZE;
    }
    PacketBuffer p = ip.pool().acquire(header + data.length);
    if (cooked) {
      MacAddress own = nic.mac() == null ? MacAddress.ZERO : nic.mac();
      MacAddress destination = to == null ? MacAddress.ZERO : to;
      Ethernet.write(p.array(), p.append(header), destination, own, protocol);
    }
    p.append(data, 0, data.length);
    p.tapOrigin = id;
    nic.transmitFrame(p);
    return data.length;
  }

  // Closing, readiness

  public void close() {
    layer.closed(this);
    ask(
        () -> {
          Selection s = selection;
          selection = new Selection(s.protocol, s.nicId, FrameFilter.ALL, true, true);
          ring = null;
          events.mute();
          queue.clear();
          queuedBytes = 0;
        });
  }

  public void onReadiness(Readiness.Listener l) {
    events.listener(l);
  }

  /** What poll(2) would report now: a mask of {@link Readiness} bits. */
  public int readiness() {
    FrameRing r = ring;
    return r != null && r.readable() ? readiness | Readiness.IN : readiness;
  }

  @Override
  protected void onBatchEnd() {
    readiness = Readiness.OUT | (queue.isEmpty() ? 0 : Readiness.IN);
  }

  private void event(int what) {
    Runnable delivery = events.raise(what);
    if (delivery != null) {
      callOut(delivery);
    }
  }
}
