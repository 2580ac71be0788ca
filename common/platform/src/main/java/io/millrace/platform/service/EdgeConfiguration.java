package io.millrace.platform.service;

import io.millrace.platform.MillraceProperties;
import io.millrace.platform.edge.ConnectorConfiguration;
import io.millrace.platform.error.ErrorConfiguration;
import io.millrace.platform.metric.MetricConfiguration;
import io.millrace.platform.rpc.RpcConfiguration;
import io.millrace.platform.security.InternalToken;
import io.millrace.platform.trace.TraceConfiguration;
import io.millrace.platform.web.WebConfiguration;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.grpc.server.autoconfigure.GrpcServerExecutorProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;

/**
 * What every process that answers HTTP and gRPC has, the gateway included: settings, clock, error
 * rendering, limits, traces, the internal token's issuer, and a virtual thread for every gRPC call.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(MillraceProperties.class)
@Import({
  ConnectorConfiguration.class,
  ErrorConfiguration.class,
  MetricConfiguration.class,
  RpcConfiguration.class,
  TraceConfiguration.class,
  WebConfiguration.class
})
public class EdgeConfiguration {

  /** Static, because it works before the beans of this class can be made. */
  @Bean
  static UnknownSettings unknownSettings(Environment environment) {
    return new UnknownSettings(environment);
  }

  /** In microseconds, as the database keeps times: what is answered at once is answered later. */
  @Bean
  @ConditionalOnMissingBean
  Clock clock() {
    return Clock.tick(Clock.systemUTC(), Duration.of(1, ChronoUnit.MICROS));
  }

  @Bean
  InternalToken internalToken(MillraceProperties properties, Clock clock) {
    return new InternalToken(
        properties.internal().secret(), properties.internal().tokenValidity(), clock);
  }

  @Bean
  ExecutorService grpcExecutor() {
    return Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("grpc-", 0).factory());
  }

  @Bean
  GrpcServerExecutorProvider grpcServerExecutorProvider(ExecutorService grpcExecutor) {
    return () -> grpcExecutor;
  }
}
