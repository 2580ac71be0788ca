package io.millrace.gateway.route;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.gateway.GatewayMetric;
import io.millrace.platform.security.OpenPaths;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.web.filter.OncePerRequestFilter;

/** Counts what is on its way through the gateway, over REST and over gRPC. */
final class RequestsInFlight extends OncePerRequestFilter implements ServerInterceptor {
  private final AtomicInteger now = new AtomicInteger();

  RequestsInFlight(MeterRegistry meters) {
    GatewayMetric.REQUESTS.gauge(meters, now, AtomicInteger::get);
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return request.getRequestURI().startsWith("/actuator/");
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    now.incrementAndGet();
    try {
      chain.doFilter(request, response);
    } finally {
      now.decrementAndGet();
    }
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    if (OpenPaths.isOpenMethod(call.getMethodDescriptor().getFullMethodName())) {
      return next.startCall(call, headers);
    }
    now.incrementAndGet();
    try {
      return new Ending<>(next.startCall(call, headers));
    } catch (RuntimeException e) {
      now.decrementAndGet();
      throw e;
    }
  }

  /** A call ends once: by its completion or by being cancelled. */
  private final class Ending<Q> extends SimpleForwardingServerCallListener<Q> {

    Ending(ServerCall.Listener<Q> call) {
      super(call);
    }

    @Override
    public void onComplete() {
      now.decrementAndGet();
      super.onComplete();
    }

    @Override
    public void onCancel() {
      now.decrementAndGet();
      super.onCancel();
    }
  }
}
