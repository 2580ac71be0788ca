package io.millrace.gateway.route;

import static org.springframework.cloud.gateway.server.mvc.filter.BeforeFilterFunctions.setPath;
import static org.springframework.cloud.gateway.server.mvc.filter.BeforeFilterFunctions.uri;
import static org.springframework.cloud.gateway.server.mvc.handler.HandlerFunctions.http;
import static org.springframework.web.servlet.function.RequestPredicates.GET;
import static org.springframework.web.servlet.function.RequestPredicates.path;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.millrace.gateway.GatewayProperties;
import io.millrace.gateway.GatewayProperties.Backend;
import io.millrace.gateway.Replicas;
import io.millrace.gateway.Service;
import io.millrace.gateway.ServicePath;
import io.millrace.platform.edge.ClientWatch;
import io.millrace.platform.security.InternalToken;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.cloud.gateway.server.mvc.config.GatewayMvcProperties;
import org.springframework.cloud.gateway.server.mvc.handler.RestClientProxyExchange;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.grpc.server.GlobalServerInterceptor;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.client.RestClient;
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
  RouterFunction<ServerResponse> serviceRoutes(GatewayProperties properties, ClientWatch watch) {
    RouterFunctions.Builder routes = RouterFunctions.route();
    for (Service service : Service.values()) {
      for (ServicePath path : service.paths()) {
        routes.add(passedOn(service, path, properties, watch));
      }
      URI url = service.backend(properties, /* task= */ null).url();
      routes.add(renamed("/openapi/", service, url, "/v3/api-docs"));
      routes.add(renamed("/actuator/prometheus/", service, url, "/actuator/prometheus"));
    }
    return routes.build();
  }

  private static RouterFunction<ServerResponse> passedOn(
      Service service, ServicePath path, GatewayProperties properties, ClientWatch watch) {
    RouterFunctions.Builder route = RouterFunctions.route();
    route.route(path(path.pattern()), http());
    route.before(uri(service.backend(properties, path.task()).url()));
    route.filter(new ServiceFailures(service));
    if (service == Service.INFERENCE) {
      // What others are asked for is to be done, whoever waits for it.
      route.filter(new LeavingClients(watch));
    }
    return route.build();
  }

  /** What every service has at the same path is at the gateway under the service's name. */
  private static RouterFunction<ServerResponse> renamed(
      String prefix, Service service, URI url, String path) {
    RouterFunctions.Builder route = RouterFunctions.route();
    route.route(GET(prefix + service.label()), http());
    route.before(uri(url));
    route.before(setPath(path));
    route.filter(new ServiceFailures(service));
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
  RestClient serviceClient(
      HttpClient gatewayHttpClient,
      GatewayProperties properties,
      ObservationRegistry observations) {
    JdkClientHttpRequestFactory requests = new JdkClientHttpRequestFactory(gatewayHttpClient);
    requests.setReadTimeout(properties.responseTimeout());
    return RestClient.builder()
        .requestFactory(new ReplicaRequests(requests, new Replicas(InetAddress::getAllByName)))
        .observationRegistry(observations)
        .build();
  }

  @Bean
  RestClientProxyExchange streamingExchange(
      RestClient serviceClient, GatewayMvcProperties gateway) {
    return new StreamingExchange(serviceClient, gateway);
  }

  /** Before the routes of single services. */
  @Bean
  @Order(Ordered.HIGHEST_PRECEDENCE)
  RouterFunction<ServerResponse> modelRoutes(
      GatewayProperties properties, RestClient serviceClient, ForwardedHeaders headers) {
    List<URI> services = Service.INFERENCE.backends(properties).stream().map(Backend::url).toList();
    return services.size() == 1
        ? request -> Optional.empty()
        : new ModelRoutes(services, serviceClient, headers).routes();
  }

  @Bean
  @GlobalServerInterceptor
  RequestsInFlight requestsInFlight(MeterRegistry meters) {
    return new RequestsInFlight(meters);
  }

  @Bean
  FilterRegistrationBean<RequestsInFlight> requestsInFlightFilter(RequestsInFlight filter) {
    FilterRegistrationBean<RequestsInFlight> registration = new FilterRegistrationBean<>(filter);
    registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 3);
    return registration;
  }

  /** Right after the request's span has begun. */
  @Bean
  FilterRegistrationBean<TraceIdFilter> traceIdFilter() {
    FilterRegistrationBean<TraceIdFilter> registration =
        new FilterRegistrationBean<>(new TraceIdFilter());
    registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 2);
    return registration;
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
}
