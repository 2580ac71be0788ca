package io.millrace.platform.web;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import io.swagger.v3.core.converter.AnnotatedType;
import io.swagger.v3.core.converter.ModelConverter;
import io.swagger.v3.core.converter.ModelConverterContext;
import io.swagger.v3.core.jackson.ModelResolver;
import io.swagger.v3.oas.models.media.Schema;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Describes types as they are on the wire: names in snake case, and a field that takes more than
 * one form of JSON as any value. springdoc resolves types with a Jackson 2 of its own, which knows
 * nothing of our naming, nor of Jackson 3.
 */
final class WireModelResolver extends ModelResolver {

  WireModelResolver(ObjectMapper mapper) {
    super(mapper.copy().setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE));
  }

  @Override
  @SuppressWarnings("rawtypes") // The overridden method's type.
  public @Nullable Schema resolve(
      AnnotatedType type, ModelConverterContext context, Iterator<ModelConverter> next) {
    if (!JsonNode.class.isAssignableFrom(_mapper.constructType(type.getType()).getRawClass())) {
      return super.resolve(type, context, next);
    }
    Schema any = super.resolve(type.type(Object.class), context, next);
    if (any != null) {
      any.setType(null);
      any.setTypes(null);
    }
    return any;
  }
}
