package io.millrace.platform.web;

import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import io.swagger.v3.oas.models.security.SecurityScheme;
import io.swagger.v3.oas.models.servers.Server;
import java.util.List;
import org.springdoc.core.customizers.GlobalOperationCustomizer;
import org.springdoc.core.providers.ObjectMapperProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Describes the service at {@code /v3/api-docs}; its names are those on the wire. */
@Configuration(proxyBeanMethods = false)
class OpenApiConfiguration {
  private static final String API_KEY = "api-key";

  @Bean
  OpenAPI openApi(@Value("${spring.application.name}") String service) {
    return new OpenAPI()
        .info(new Info().title("Millrace " + service).version("v1"))
        // Relative: the gateway's clients read it, too.
        .servers(List.of(new Server().url("/")))
        .components(new Components().addSecuritySchemes(API_KEY, apiKey()))
        .addSecurityItem(new SecurityRequirement().addList(API_KEY));
  }

  private static SecurityScheme apiKey() {
    return new SecurityScheme()
        .type(SecurityScheme.Type.HTTP)
        .scheme("bearer")
        .description("An API key (mr_...), which the gateway checks.");
  }

  @Bean
  ErrorDescriptions errorDescriptions() {
    return new ErrorDescriptions();
  }

  /** Requests are grouped by what they are about, not by classes. */
  @Bean
  GlobalOperationCustomizer tagsWithoutClasses() {
    return (operation, method) -> {
      if (operation.getTags() != null) {
        operation.setTags(
            operation.getTags().stream().map(tag -> tag.replaceFirst("-controller$", "")).toList());
      }
      return operation;
    };
  }

  @Bean
  WireModelResolver wireModelResolver(ObjectMapperProvider mappers) {
    return new WireModelResolver(mappers.jsonMapper());
  }
}
