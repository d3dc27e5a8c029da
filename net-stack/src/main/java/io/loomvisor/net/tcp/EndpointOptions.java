package io.loomvisor.net.tcp;

/**
 * Socket options of one endpoint, as set so far; owned by the endpoint's mailbox. A connection
 * accepted by a listener starts with a copy of the listener's.
 */
final class EndpointOptions {
  boolean reuseAddress;
  boolean reusePort;
  boolean keepAlive;
  boolean outOfBandInline;
  boolean v6Only;
  boolean noDelay;
  boolean cork;
  boolean linger;
  int lingerSeconds;
  boolean receiveBufferFixed;
  boolean sendBufferFixed;
  int receiveBuffer;
  int sendBuffer;
  int receiveLowWater = 1;
  int maxSegment;
  long keepIdle;
  long keepInterval;
  int keepCount;
  int synCount;
  long finWait2;
  int deferAccept;
  int windowClamp;
  int userTimeoutMillis;
  int notSentLowWater;
  int tos;
  int ttl = -1;
  int hopLimit = -1;
  int trafficClass;
  int mtuDiscover = 1;
  int nicId;
  int priority;
  boolean freeBind;
  boolean receiveErrors;
  boolean bindWithoutPort;
  boolean broadcast;
  boolean dontRoute;
  String congestion;

  /** A service of the host's own: it takes its port from nobody. */
  boolean beside;

  /** TCP_FASTOPEN: handshakes that may be incomplete although their data was taken; 0: none. */
  int fastOpenQueue;

  /** TCP_FASTOPEN_CONNECT. */
  boolean fastOpenConnect;

  /** Bytes per second; -1: no limit, and no pacing unless the stack asks for it. */
  long maxPacingRate = -1;

  EndpointOptions(TcpSettings s) {
    receiveBuffer = s.receiveBuffer;
    sendBuffer = s.sendBuffer;
    keepIdle = s.keepAliveTime;
    keepInterval = s.keepAliveInterval;
    keepCount = s.keepAliveProbes;
    finWait2 = s.finTimeout;
    congestion = s.congestionControl;
  }

  EndpointOptions(EndpointOptions o) {
    reuseAddress = o.reuseAddress;
    reusePort = o.reusePort;
    keepAlive = o.keepAlive;
    outOfBandInline = o.outOfBandInline;
    v6Only = o.v6Only;
    noDelay = o.noDelay;
    cork = o.cork;
    linger = o.linger;
    lingerSeconds = o.lingerSeconds;
    receiveBufferFixed = o.receiveBufferFixed;
    sendBufferFixed = o.sendBufferFixed;
    receiveBuffer = o.receiveBuffer;
    sendBuffer = o.sendBuffer;
    receiveLowWater = o.receiveLowWater;
    maxSegment = o.maxSegment;
    keepIdle = o.keepIdle;
    keepInterval = o.keepInterval;
    keepCount = o.keepCount;
    synCount = o.synCount;
    finWait2 = o.finWait2;
    windowClamp = o.windowClamp;
    userTimeoutMillis = o.userTimeoutMillis;
    notSentLowWater = o.notSentLowWater;
    tos = o.tos;
    ttl = o.ttl;
    hopLimit = o.hopLimit;
    trafficClass = o.trafficClass;
    mtuDiscover = o.mtuDiscover;
    nicId = o.nicId;
    priority = o.priority;
    freeBind = o.freeBind;
    receiveErrors = o.receiveErrors;
    bindWithoutPort = o.bindWithoutPort;
    broadcast = o.broadcast;
    dontRoute = o.dontRoute;
    congestion = o.congestion;
    maxPacingRate = o.maxPacingRate;
    beside = o.beside;
  }
}
