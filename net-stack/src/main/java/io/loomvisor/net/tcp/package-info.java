/**
 * TCP (RFC 9293 and what belongs to it; the table in net-stack/README.md says what is there).
 *
 * <h2>For whoever gives these endpoints to an operating system</h2>
 *
 * {@link io.loomvisor.net.tcp.TcpLayer#open} gives a {@link io.loomvisor.net.tcp.TcpEndpoint},
 * which stands for one socket from socket(2) to close(2).
 *
 * <ul>
 *   <li>No operation waits. A result is a count or 0, or a negative errno from {@link
 *       io.loomvisor.net.socket.Errno}; errors never come as exceptions. Partial counts are
 *       Linux's: a write takes what the send buffer has room for, a read gives what is there, up to
 *       the urgent mark.
 *   <li>{@code readiness()} is the level for poll(2), a volatile read. {@code onReadiness} hears of
 *       every event, also when the level does not change (EPOLLET); the call comes outside of the
 *       stack's mailboxes, on any thread, and may call the endpoint. To wait without missing
 *       anything: register first, look at {@code readiness()} (or try the operation) second.
 *   <li>Operations must not be called from inside a mailbox of the stack; readiness callbacks are
 *       outside. They may be called while an actor of the caller's own is held: the stack never
 *       waits for its callers.
 *   <li>connect returns -EINPROGRESS once it has begun. OUT tells that it is over; then SO_ERROR
 *       ({@code takeError}), or connect again, tells the outcome: 0 once, then -EISCONN.
 *   <li>accept gives an endpoint that has the listener's options, as Linux inherits them.
 *   <li>-EPIPE is a plain result; SIGPIPE and MSG_NOSIGNAL are the caller's.
 *   <li>SO_LINGER: {@code close} itself handles zero seconds (reset). For more, first {@code
 *       shutdown(false, true)}, wait until {@code drained()} (events come with every
 *       acknowledgement that matters: OUT, HUP) or the time is over, then {@code close}.
 *   <li>After {@code close} the endpoint must not be used; the connection ends by itself.
 *   <li>SO_RCVTIMEO, SO_SNDTIMEO, O_NONBLOCK, MSG_WAITALL, MSG_DONTWAIT, SIGIO and SIGURG are about
 *       waiting and signals, which are the caller's; PRI is reported when urgent data comes.
 *   <li>Addresses are of the endpoint's own family: an IPv6 endpoint takes and gives IPv4-mapped
 *       addresses for IPv4 unless IPV6_V6ONLY is set before bind. Rights (ports below 1024) are not
 *       checked.
 *   <li>Options with an int value go by {@link io.loomvisor.net.socket.SocketOption#of} (level,
 *       number); SO_LINGER, TCP_CONGESTION and TCP_INFO ({@code info().toBytes()}) have methods.
 * </ul>
 *
 * <h2>How it works</h2>
 *
 * An endpoint is one {@link io.loomvisor.net.actor.Mailbox}. It holds either a {@code Listener} or
 * a {@code Connection}, plain objects that only it touches. The connection is split by what may
 * change for one reason:
 *
 * <ul>
 *   <li>{@code Arrival} and {@code AckArrival}: what a segment does, in the order of RFC 9293
 *       section 3.10.7; {@code Orphaning}: what close(2) does.
 *   <li>{@code Sender}: what goes out when and in which pieces; {@code SegmentOut} adds what every
 *       segment carries, {@code TcpOutput} makes packets, {@code SendPath} knows the way.
 *   <li>{@code Recovery} with {@code Scoreboard}, {@code Rack}, {@code RateReduction}, {@code Undo}
 *       and the algorithms of {@code congestion}: losses and the congestion window.
 *   <li>{@code LossTiming}, {@code KeepAlive}: what time brings, by way of {@code Timers}.
 *   <li>{@code Receiver} with {@code Intervals}, {@code UrgentData}, {@code ReceiveTuning} and
 *       {@code AckPolicy}: what has come and how it is acknowledged.
 *   <li>{@code Listener} with {@code Embryo} and {@code SynCookies}: handshakes that others began.
 * </ul>
 *
 * A listener keeps incomplete handshakes itself and makes an endpoint of them when the last
 * acknowledgement comes, so a flood of SYNs costs little and the accept queue has an exact limit.
 *
 * <p>Sequence numbers are 64-bit positions ({@code Seq}); data waits in circular arrays ({@code
 * ByteRing}), so what a peer can make the stack keep is bounded by the buffer sizes, and no packet
 * is kept. Time comes from the stack's clock only.
 */
package io.loomvisor.net.tcp;
