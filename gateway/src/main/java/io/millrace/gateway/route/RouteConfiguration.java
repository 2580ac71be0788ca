package io.millrace.gateway.route;

import static org.springframework.cloud.gateway.server.mvc.filter.BeforeFilterFunctions.setPath;
import static org.springframework.cloud.gateway.server.mvc.filter.BeforeFilterFunctions.uri;
import static org.springframework.cloud.gateway.server.mvc.handler.HandlerFunctions.http;
import static org.springframework.web.servlet.function.RequestPredicates.GET;
import static org.springframework.web.servlet.function.RequestPredicates.path;

import io.millrace.gateway.GatewayProperties;
import io.millrace.gateway.Service;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.security.InternalToken;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.cloud.gateway.server.mvc.config.GatewayMvcProperties;
import org.springframework.cloud.gateway.server.mvc.handler.RestClientProxyExchange;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;
import org.springframework.web.servlet.function.HandlerFilterFunction;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerResponse;

/**
 * Routes of REST: every path of a service, its OpenAPI description at {@code /openapi} and its
 * metrics at {@code /actuator/prometheus}, each under the service's name.
 */
@Configuration(proxyBeanMethods = false)
class RouteConfiguration {
  @Bean
  RouterFunction<ServerResponse> serviceRoutes(GatewayProperties properties) {
    RouterFunctions.Builder routes = RouterFunctions.route();
    for (Service service : Service.values()) {
      URI url = service.backend(properties).url();
      RouterFunctions.Builder own = RouterFunctions.route();
      for (String pattern : service.paths()) {
        own.route(path(pattern), http());
      }
      own.before(uri(url));
      own.filter(failures(service));
      routes.add(own.build());
      routes.add(renamed("/openapi/", service, url, "/v3/api-docs"));
      routes.add(renamed("/actuator/prometheus/", service, url, "/actuator/prometheus"));
    }
    return routes.build();
  }

  /** What every service has at the same path is at the gateway under the service's name. */
  private static RouterFunction<ServerResponse> renamed(
      String prefix, Service service, URI url, String path) {
    RouterFunctions.Builder route = RouterFunctions.route();
    route.route(GET(prefix + service.label()), http());
    route.before(uri(url));
    route.before(setPath(path));
    route.filter(failures(service));
    return route.build();
  }

  /**
   * At the end there is nobody left to answer; waiting for a service that hangs would never end.
   */
  @Bean(destroyMethod = "shutdownNow")
  HttpClient gatewayHttpClient(GatewayProperties properties) {
    ExecutorService executor =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("proxy-", 0).factory());
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .followRedirects(HttpClient.Redirect.NEVER)
        .connectTimeout(properties.connectTimeout())
        .executor(executor)
        .build();
  }

  @Bean
  RestClientProxyExchange streamingExchange(
      HttpClient gatewayHttpClient, GatewayProperties properties, GatewayMvcProperties gateway) {
    JdkClientHttpRequestFactory requests = new JdkClientHttpRequestFactory(gatewayHttpClient);
    requests.setReadTimeout(properties.responseTimeout());
    return new StreamingExchange(RestClient.builder().requestFactory(requests).build(), gateway);
  }

  @Bean
  ForwardedHeaders forwardedHeaders(InternalToken tokens) {
    return new ForwardedHeaders(tokens);
  }

  /** Before whoever asks what a path is, the check of keys included. */
  @Bean
  FilterRegistrationBean<PathGuard> pathGuard() {
    FilterRegistrationBean<PathGuard> registration = new FilterRegistrationBean<>(new PathGuard());
    registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 15);
    return registration;
  }

  @Bean
  FilterRegistrationBean<QueryOnly> queryOnly() {
    FilterRegistrationBean<QueryOnly> registration = new FilterRegistrationBean<>(new QueryOnly());
    registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 26);
    return registration;
  }

  /** A service that cannot be reached or keeps callers waiting is named, not its address. */
  private static HandlerFilterFunction<ServerResponse, ServerResponse> failures(Service service) {
    return (request, next) -> {
      try {
        return next.handle(request);
      } catch (ResourceAccessException e) {
        throw failure(service, e);
      }
    };
  }

  private static MillraceException failure(Service service, ResourceAccessException failed) {
    for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
      if (cause instanceof MillraceException known) {
        return known;
      }
      if (cause instanceof HttpTimeoutException
          && !(cause instanceof HttpConnectTimeoutException)) {
        // It may have done what it was asked for: not to be tried again like one that is away.
        return new MillraceException(
            ErrorCode.DEADLINE_EXCEEDED, service.label() + " has not answered in time", failed);
      }
    }
    return new MillraceException(
        ErrorCode.UNAVAILABLE, service.label() + " is not available; try again later", failed);
  }
}
