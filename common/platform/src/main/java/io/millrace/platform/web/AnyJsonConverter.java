package io.millrace.platform.web;

import io.swagger.v3.core.converter.AnnotatedType;
import io.swagger.v3.core.converter.ModelConverter;
import io.swagger.v3.core.converter.ModelConverterContext;
import io.swagger.v3.core.util.Json;
import io.swagger.v3.oas.models.media.Schema;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Describes a field that takes more than one form of JSON as any value: Jackson's classes are
 * nothing that clients know.
 */
final class AnyJsonConverter implements ModelConverter {

  @Override
  public @Nullable Schema<?> resolve(
      AnnotatedType type, ModelConverterContext context, Iterator<ModelConverter> chain) {
    if (!chain.hasNext()) {
      return null;
    }
    Class<?> described = Json.mapper().constructType(type.getType()).getRawClass();
    if (!JsonNode.class.isAssignableFrom(described)) {
      return chain.next().resolve(type, context, chain);
    }
    Schema<?> any = chain.next().resolve(type.type(Object.class), context, chain);
    if (any != null) {
      any.setType(null);
      any.setTypes(null);
    }
    return any;
  }
}
