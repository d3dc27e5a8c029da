package io.loomvisor.net.conntrack;

/**
 * One tracked connection, in the table or, until its first packet has passed all hooks, on its way
 * there. Only the firewall's actor changes it; the volatile fields are what rules and listings read
 * on other threads.
 */
public final class Connection {
  private final Tuple original;

  /** Of the answers as they come in, so what translation makes of the original, turned round. */
  private volatile Tuple reply;

  private volatile boolean seenReply;
  private volatile boolean assured;
  private volatile boolean sourceTranslated;
  private volatile boolean destinationTranslated;

  /** Whether the rules have been asked about each. */
  private boolean sourceDecided;

  private boolean destinationDecided;
  private boolean confirmed;
  final TcpState tcp;

  /** When the first packet came, and the first that found answers already seen. */
  final long begun;

  /** In nanoseconds of the clock. */
  long expiresAt;

  /** In the wheel. */
  Connection previous;

  Connection next;
  int slot = -1;

  Connection(Tuple original, TcpState tcp, long now) {
    this.original = original;
    this.reply = original.inverse();
    this.tcp = tcp;
    this.begun = now;
  }

  public Tuple original() {
    return original;
  }

  public Tuple reply() {
    return reply;
  }

  /** Of one direction: the original one's, or the answers'. */
  public Tuple tuple(boolean ofReply) {
    return ofReply ? reply : original;
  }

  /** What the original packets look like once they are translated. */
  public Tuple translated() {
    return reply.inverse();
  }

  /** Before it is confirmed: its packets are to become {@code wanted}. */
  public void translate(Tuple wanted, boolean source) {
    reply = wanted.inverse();
    if (source) {
      sourceTranslated = true;
    } else {
      destinationTranslated = true;
    }
  }

  public void decided(boolean source) {
    if (source) {
      sourceDecided = true;
    } else {
      destinationDecided = true;
    }
  }

  public boolean isDecided(boolean source) {
    return source ? sourceDecided : destinationDecided;
  }

  public boolean sourceTranslated() {
    return sourceTranslated;
  }

  public boolean destinationTranslated() {
    return destinationTranslated;
  }

  /** Packets have come both ways. */
  public boolean seenReply() {
    return seenReply;
  }

  void seeReply() {
    seenReply = true;
  }

  /** It is not the first to give way when the table is full. */
  public boolean assured() {
    return assured;
  }

  void assure() {
    assured = true;
  }

  boolean isConfirmed() {
    return confirmed;
  }

  void confirm() {
    confirmed = true;
  }

  /** Of TCP, otherwise null. */
  public TcpState.Phase phase() {
    return tcp == null ? null : tcp.phase();
  }
}
