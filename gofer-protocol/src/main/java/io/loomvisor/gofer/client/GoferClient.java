package io.loomvisor.gofer.client;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.gofer.host.DescriptorCalls.Received;
import io.loomvisor.gofer.host.MessageMemory;
import io.loomvisor.gofer.jfr.GoferRecording;
import io.loomvisor.gofer.jfr.GoferRequestEvent;
import io.loomvisor.gofer.wire.ProtocolException;
import io.loomvisor.gofer.wire.Reply;
import io.loomvisor.gofer.wire.ReplyCodec;
import io.loomvisor.gofer.wire.Request;
import io.loomvisor.gofer.wire.RequestCodec;
import io.loomvisor.gofer.wire.SocketRequest;
import io.loomvisor.gofer.wire.Wire;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends requests to the gofer and waits for their replies. Many may be in flight.
 *
 * <p>Whoever asks writes its request itself. One thread at a time reads the socket, holding {@link
 * #reading}: an asker whose reply is outstanding if none reads yet, so that a lone request costs no
 * hand-off between threads. It hands the reading on when it has its own reply. As such a reader
 * sits in a host call and holds its carrier, it reads only as long as {@link #PATIENCE_MICROS};
 * then a platform thread takes over and the asker parks.
 *
 * <p>When the gofer dies or breaks the protocol, every present and later request fails with EIO,
 * and the listener is told once.
 */
public final class GoferClient implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(GoferClient.class);

  /** How long an asker reads for itself; the kernel rounds it up to a tick. */
  private static final int PATIENCE_MICROS = 1000;

  /**
   * Where fids start over: above those of the directories that were found first and are used for
   * long.
   */
  private static final int SECOND_ROUND = 1 << 24;

  private final int socket;
  private final Consumer<String> lostListener;
  private final Map<Integer, PendingReply> pending = new ConcurrentHashMap<>();
  private final AtomicInteger nextTag = new AtomicInteger();
  private final AtomicInteger nextFid = new AtomicInteger(1);
  private final AtomicBoolean lost = new AtomicBoolean();

  /** Held by the one thread that reads the socket; guards {@link #inBytes}. */
  private final AtomicBoolean reading = new AtomicBoolean();

  private final MemorySegment in = MessageMemory.allocate(Wire.MAX_MESSAGE);
  private final ByteBuffer inBytes = in.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
  private final SendBuffers buffers = new SendBuffers();
  private final RequestCounts counts = new RequestCounts();

  /**
   * Reads on behalf of askers that have lost patience; parked unless it has been given {@link
   * #reading}.
   */
  private final Thread patientReader;

  private final Thread watcher;

  private volatile boolean readingGiven;

  /**
   * Takes over {@code socketFd}, one end of an AF_UNIX SOCK_SEQPACKET pair; makes its host calls
   * that a seccomp filter might refuse later (setsockopt) now.
   *
   * @param lostListener told once, with the reason, when the gofer is gone; not called by {@link
   *     #close}
   */
  public GoferClient(int socketFd, Consumer<String> lostListener) {
    this(lostListener, prepared(socketFd));
  }

  /**
   * A client under a seccomp filter.
   *
   * @param socketFd has been {@link #prepare prepared} by whoever sent it
   */
  public static GoferClient ofPrepared(int socketFd, Consumer<String> lostListener) {
    return new GoferClient(lostListener, socketFd);
  }

  /** Sets what a client needs of its socket, for one that may not do so itself. */
  public static void prepare(int socketFd) {
    DescriptorCalls.setReceiveTimeout(socketFd, PATIENCE_MICROS);
  }

  private static int prepared(int socketFd) {
    prepare(socketFd);
    return socketFd;
  }

  private GoferClient(Consumer<String> lostListener, int socketFd) {
    this.socket = socketFd;
    this.lostListener = lostListener;
    patientReader =
        Thread.ofPlatform().daemon().name("gofer-reader").unstarted(this::readPatiently);
    patientReader.start();
    watcher = Thread.ofPlatform().daemon().name("gofer-watch").start(this::watch);
  }

  /**
   * Has the gofer serve a request whose answer nobody needs: its first one takes it, and this end,
   * 20 ms, most of it the JVM's for code that has not run yet. Whoever has something else to do
   * meanwhile calls this on a thread of its own. A gofer that is lost meanwhile is told of as ever.
   */
  public void rehearse() {
    int fid = newFid();
    try {
      ask(new Request.Attach(0, fid), Reply.Attributes.class);
      ask(new Request.Clunk(new int[] {fid}), Reply.Done.class);
    } catch (LinuxException e) {
      LOG.debug("The rehearsal failed: {}", e.errno());
    }
  }

  /** A fid that is free; see {@link #newFids}. */
  public int newFid() {
    return newFids(1);
  }

  /**
   * The first of {@code count} consecutive fids, above 0, that this connection has not used yet.
   * After some two thousand million the numbers start over, and one may still be bound: the gofer
   * answers EBADF, and the next one will do.
   */
  public int newFids(int count) {
    return nextFid.getAndUpdate(
        n -> n > Integer.MAX_VALUE - 2 * Wire.MAX_WALK ? SECOND_ROUND : n + count);
  }

  /** Requests that have been answered, by kind. */
  public RequestCounts counts() {
    return counts;
  }

  /** Whether the connection is gone. */
  public boolean lost() {
    return lost.get();
  }

  /**
   * Sends a request whose reply is of type {@code type}. Throws the gofer's errno, EIO if the gofer
   * is gone.
   */
  public <R extends Reply> R ask(Request request, Class<R> type) {
    PendingReply slot = exchange(request);
    if (slot.descriptor() >= 0) {
      DescriptorCalls.close(slot.descriptor());
      throw violation("a descriptor that nobody asked for");
    }
    return expect(slot.reply(), type);
  }

  /** Sends {@link Request.Open} or {@link Request.Create}; the caller owns the descriptor. */
  public OpenFile open(Request request) {
    PendingReply slot = exchange(request);
    int fd = slot.descriptor();
    try {
      Reply.Opened opened = expect(slot.reply(), Reply.Opened.class);
      if (fd < 0) {
        throw violation("an open file without its descriptor");
      }
      if (!FileMode.isRegular(DescriptorCalls.mode(fd))
          || !FileMode.isRegular(opened.stat().mode())) {
        throw violation("an open file that is not a regular one");
      }
      OpenFile file = new OpenFile(opened.stat(), fd);
      fd = -1;
      return file;
    } finally {
      if (fd >= 0) {
        DescriptorCalls.close(fd);
      }
    }
  }

  /** Sends what a socket gofer answers with a socket; the caller owns the descriptor. */
  public DonatedSocket socket(SocketRequest request) {
    PendingReply slot = exchange(new Request.Socket(request));
    int fd = slot.descriptor();
    try {
      Reply.Socket made = expect(slot.reply(), Reply.Socket.class);
      if (fd < 0 || !FileMode.isSocket(DescriptorCalls.mode(fd))) {
        throw violation("a socket without its descriptor");
      }
      DonatedSocket socket = new DonatedSocket(made.handle(), fd, made.peer());
      fd = -1;
      return socket;
    } finally {
      if (fd >= 0) {
        DescriptorCalls.close(fd);
      }
    }
  }

  private <R extends Reply> R expect(Reply reply, Class<R> type) {
    if (type.isInstance(reply)) {
      return type.cast(reply);
    }
    if (reply instanceof Reply.Failure(Errno errno)) {
      throw errno.exception();
    }
    throw violation("a reply of the wrong kind: " + reply.getClass().getSimpleName());
  }

  private LinuxException violation(String what) {
    fail("the gofer broke the protocol: " + what);
    return Errno.EIO.exception();
  }

  private PendingReply exchange(Request request) {
    LOG.debug("{}", request);
    long began = System.nanoTime();
    PendingReply slot = GoferRecording.POSSIBLE ? exchangeRecorded(request) : exchangeNow(request);
    counts.add(request, System.nanoTime() - began);
    return slot;
  }

  private PendingReply exchangeRecorded(Request request) {
    GoferRequestEvent event = new GoferRequestEvent();
    event.begin();
    PendingReply slot = exchangeNow(request);
    event.end();
    if (event.shouldCommit()) {
      event.kind = request.getClass().getSimpleName();
      event.error = slot.reply() instanceof Reply.Failure(Errno errno) ? errno.name() : null;
      event.commit();
    }
    return slot;
  }

  private PendingReply exchangeNow(Request request) {
    int tag = nextTag.getAndIncrement();
    PendingReply slot = new PendingReply();
    SendBuffers.Buffer buffer = buffers.take();
    try {
      RequestCodec.encode(tag, request, buffer.bytes().clear());
      pending.put(tag, slot);
      send(tag, slot, buffer);
    } finally {
      buffers.give(buffer);
    }
    await(slot);
    if (slot.reply() == null) {
      throw Errno.EIO.exception();
    }
    return slot;
  }

  private void send(int tag, PendingReply slot, SendBuffers.Buffer buffer) {
    if (lost.get()) {
      pending.remove(tag);
      throw Errno.EIO.exception();
    }
    try {
      DescriptorCalls.send(socket, buffer.memory(), buffer.bytes().position(), -1);
    } catch (LinuxException e) {
      fail("cannot write to the gofer: " + e.errno());
      throw Errno.EIO.exception();
    }
    slot.sent = true;
  }

  /** Waits until {@code slot} is done, reading the socket meanwhile if nobody else does. */
  private void await(PendingReply slot) {
    boolean interrupted = false;
    while (!slot.done()) {
      if (lost.get()) {
        failPending();
      } else if (reading.compareAndSet(false, true)) {
        readFor(slot);
      } else {
        LockSupport.park(this);
        interrupted |= Thread.interrupted();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Reads as the holder of {@link #reading} until {@code slot} is done or patience ends. */
  private void readFor(PendingReply slot) {
    while (!slot.done() && !lost.get()) {
      if (!readOne()) {
        readingGiven = true;
        LockSupport.unpark(patientReader);
        return;
      }
    }
    stopReading();
  }

  private void stopReading() {
    reading.set(false);
    for (PendingReply next : pending.values()) {
      if (next.sent) {
        next.wake();
        return;
      }
    }
  }

  /** The body of {@link #patientReader}: reads while replies are outstanding. */
  private void readPatiently() {
    while (!lost.get()) {
      if (!readingGiven) {
        LockSupport.park(this);
        continue;
      }
      while (!pending.isEmpty() && !lost.get()) {
        readOne();
      }
      readingGiven = false;
      stopReading();
    }
    failPending();
  }

  /**
   * Takes one reply in; false if none came in time. A failure of the connection is dealt with here.
   */
  private boolean readOne() {
    Received message;
    try {
      message = DescriptorCalls.receive(socket, in);
    } catch (LinuxException e) {
      if (e.errno() == Errno.EAGAIN) {
        return false;
      }
      fail("cannot read from the gofer: " + e.errno());
      return true;
    }
    if (message.length() == 0) {
      fail("the gofer closed the connection");
      return true;
    }
    try {
      dispatch(message);
    } catch (ProtocolException e) {
      for (int fd : message.descriptors()) {
        DescriptorCalls.close(fd);
      }
      fail("the gofer broke the protocol: " + e.getMessage());
    }
    return true;
  }

  private void dispatch(Received message) {
    if (message.truncated() || message.descriptors().length > 1) {
      throw new ProtocolException("a reply that is too long or has too many descriptors");
    }
    if (message.length() < Wire.HEADER) {
      throw new ProtocolException("a reply shorter than its header");
    }
    inBytes.clear().limit(message.length());
    int tag = RequestCodec.tag(inBytes);
    Reply reply = ReplyCodec.decode(inBytes);
    PendingReply slot = pending.remove(tag);
    if (slot == null) {
      throw new ProtocolException("a reply to no request");
    }
    slot.complete(reply, message.descriptors().length == 0 ? -1 : message.descriptors()[0]);
  }

  /** Notices the death of the gofer also when nobody asks it anything. */
  private void watch() {
    try {
      while ((DescriptorCalls.poll(socket, 0) & DescriptorCalls.POLLHUP) == 0) {
        if (lost.get()) {
          return;
        }
      }
      fail("the gofer closed the connection");
    } catch (LinuxException e) {
      fail("cannot watch the gofer: " + e.errno());
    }
  }

  private void fail(String reason) {
    if (!lost.compareAndSet(false, true)) {
      return;
    }
    LOG.error("Lost the gofer, what it serves of the host is gone: {}", reason);
    DescriptorCalls.shutdown(socket);
    failPending();
    LockSupport.unpark(patientReader);
    lostListener.accept(reason);
  }

  private void failPending() {
    for (Integer tag : pending.keySet()) {
      PendingReply slot = pending.remove(tag);
      if (slot != null) {
        slot.complete(null, -1);
      }
    }
  }

  /**
   * Ends the connection: the gofer sees the end of file, present and later requests fail with EIO.
   * The descriptor stays allocated, since threads may be about to use its number.
   */
  @Override
  public void close() {
    if (lost.compareAndSet(false, true)) {
      DescriptorCalls.shutdown(socket);
      failPending();
      LockSupport.unpark(patientReader);
    }
  }

  /**
   * As {@link #close}, of a connection that nobody uses any more: closes the descriptor as well.
   */
  public void end() throws InterruptedException {
    close();
    patientReader.join();
    watcher.join();
    DescriptorCalls.close(socket);
  }
}
