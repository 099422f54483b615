package org.sluice.jobs.settings;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.sluice.jobs.InputException;
import org.sluice.model.Nearest;

/**
 * Binds settings to records: a key is a component, and every component is a key. Components can be records, {@code String}, {@code int},
 * {@code long}, {@code double}, {@code boolean}, and {@code List}, {@code Map} (from any text) and {@code Optional} of them. A key
 * may be missing only where the component is an {@code Optional}.
 */
public final class SettingBinder {
    /** Where a record's refusal names the component: {@code there is no model preset ...}. */
    private static final int FIRST_WORDS = 5;

    private SettingBinder() {}

    /**
     * Binds a section to a record.
     *
     * @throws InputException if a key is unknown or missing, or a value has the wrong type or is refused by the record
     */
    public static <T extends Record> T bind(Setting.Section section, Class<T> type) {
        return record(section, type, "");
    }

    private static <T extends Record> T record(Setting.Section section, Class<T> type, String path) {
        Map<String, RecordComponent> components = Arrays.stream(type.getRecordComponents())
                .collect(Collectors.toMap(RecordComponent::getName, c -> c, (a, b) -> a, LinkedHashMap::new));
        section.entries().forEach((key, value) -> {
            if (!components.containsKey(key)) {
                throw error(
                        value,
                        path + key,
                        "unknown key" + Nearest.suggestion(key, components.keySet()) + " (keys here: "
                                + String.join(", ", components.keySet()) + ")");
            }
        });
        List<Object> values = new ArrayList<>();
        components.forEach((name, component) -> {
            Setting value = section.entries().get(name);
            if (value == null && component.getType() != Optional.class) {
                throw error(section, path + name, "this key is missing");
            }
            values.add(value == null ? Optional.empty() : bind(value, component.getGenericType(), path + name));
        });
        return construct(section, type, path, values);
    }

    private static <T extends Record> T construct(
            Setting.Section section, Class<T> type, String path, List<Object> values) {
        try {
            Class<?>[] types = Arrays.stream(type.getRecordComponents())
                    .map(RecordComponent::getType)
                    .toArray(Class<?>[]::new);
            Constructor<T> constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(values.toArray());
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException refused) {
                throw refusal(section, path, refused);
            }
            throw new IllegalStateException("the constructor of " + type.getName() + " failed", e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type.getName() + " cannot be constructed", e);
        }
    }

    /** A record's refusal, placed at the key that its message names first. */
    private static InputException refusal(Setting.Section section, String path, IllegalArgumentException refused) {
        String name =
                path.substring(path.lastIndexOf('.', path.length() - 2) + 1).replace('.', ':');
        String message = String.valueOf(refused.getMessage());
        if (!name.isEmpty() && message.startsWith(name + " ")) {
            message = message.substring(name.length() + 1);
        }
        for (String word : message.split("[^A-Za-z0-9]+", FIRST_WORDS + 1)) {
            Setting value = section.entries().get(word);
            if (value != null) {
                String problem = message.startsWith(word + ": ") ? message.substring(word.length() + 2) : message;
                return new InputException(value.where() + ": " + path + word + ": " + problem, refused);
            }
        }
        String at = path.isEmpty() ? "" : path.substring(0, path.length() - 1) + ": ";
        return new InputException(section.where() + ": " + at + message, refused);
    }

    private static Object bind(Setting value, Type type, String path) {
        if (type instanceof ParameterizedType generic) {
            return container(value, generic, path);
        }
        Class<?> raw = (Class<?>) type;
        if (raw.isRecord()) {
            if (!(value instanceof Setting.Section section)) {
                throw error(value, path, "expected a section with keys, found " + value.kind());
            }
            return record(section, raw.asSubclass(Record.class), path + ".");
        }
        return scalar(value, raw, path);
    }

    private static Object container(Setting value, ParameterizedType type, String path) {
        Type[] arguments = type.getActualTypeArguments();
        if (type.getRawType() == Optional.class) {
            return value instanceof Setting.Empty ? Optional.empty() : Optional.of(bind(value, arguments[0], path));
        }
        if (type.getRawType() == List.class) {
            if (!(value instanceof Setting.Items list)) {
                throw error(value, path, "expected a list, found " + value.kind());
            }
            List<Object> items = new ArrayList<>();
            for (Setting item : list.items()) {
                items.add(bind(item, arguments[0], path + "[" + items.size() + "]"));
            }
            return List.copyOf(items);
        }
        if (type.getRawType() == Map.class) {
            if (!(value instanceof Setting.Section section)) {
                throw error(value, path, "expected a section with keys, found " + value.kind());
            }
            Map<String, Object> entries = new LinkedHashMap<>();
            section.entries().forEach((key, entry) -> entries.put(key, bind(entry, arguments[1], path + "." + key)));
            return entries;
        }
        throw new IllegalStateException("no settings can be bound to " + type);
    }

    private static Object scalar(Setting setting, Class<?> type, String path) {
        Object value = setting instanceof Setting.Scalar scalar ? scalar.value() : null;
        if (type == String.class) {
            if (value instanceof String text) {
                return text;
            }
            throw error(
                    setting, path, "expected a text, found " + setting.kind() + "; put it into quotes if it is one");
        }
        if (type == boolean.class || type == Boolean.class) {
            if (value instanceof Boolean) {
                return value;
            }
            throw error(setting, path, "expected true or false, found " + setting.kind());
        }
        if (type == double.class || type == Double.class) {
            if (value instanceof Number number) {
                return number.doubleValue();
            }
            throw error(setting, path, "expected a number, found " + setting.kind());
        }
        return integer(setting, value, type, path);
    }

    private static Object integer(Setting setting, Object value, Class<?> type, String path) {
        boolean isInt = type == int.class || type == Integer.class;
        if (!isInt && type != long.class && type != Long.class) {
            throw new IllegalStateException("no setting can be bound to " + type);
        }
        if (!(value instanceof Long number)) {
            throw error(setting, path, "expected a whole number, found " + setting.kind());
        }
        if (!isInt) {
            return number;
        }
        if (number.intValue() != number) {
            throw error(
                    setting,
                    path,
                    "expected a whole number from " + Integer.MIN_VALUE + " to " + Integer.MAX_VALUE + ", found "
                            + number);
        }
        return number.intValue();
    }

    private static InputException error(Setting at, String path, String problem) {
        return new InputException(at.where() + ": " + path + ": " + problem);
    }
}
