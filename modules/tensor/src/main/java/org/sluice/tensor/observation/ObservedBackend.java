package org.sluice.tensor.observation;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Optional;
import org.sluice.tensor.Arena;
import org.sluice.tensor.Attention;
import org.sluice.tensor.Backend;
import org.sluice.tensor.DType;
import org.sluice.tensor.Gates;
import org.sluice.tensor.LinearAlgebra;
import org.sluice.tensor.Loss;
import org.sluice.tensor.MachineSpeed;
import org.sluice.tensor.Memory;
import org.sluice.tensor.Mixture;
import org.sluice.tensor.Normalisation;
import org.sluice.tensor.Optimisation;
import org.sluice.tensor.Precision;
import org.sluice.tensor.Statistics;

/**
 * A backend that tells an observer how long each of its operations takes.
 *
 * <p>It passes every call on to another backend, with whose tensors it works. Times are true of a backend whose operations return when
 * they are done; of one that returns before, only those of {@link Memory#read} and {@link Memory#scalar} say anything.
 */
public final class ObservedBackend implements Backend {
    private final Backend backend;
    private final OperationObserver observer;
    private final LinearAlgebra linearAlgebra;
    private final Normalisation normalisation;
    private final Attention attention;
    private final Gates gates;
    private final Mixture mixture;
    private final Loss loss;
    private final Optimisation optimisation;
    private final Memory memory;
    private final Statistics statistics;

    /** @param backend what runs the operations; closing this backend closes it */
    public ObservedBackend(Backend backend, OperationObserver observer) {
        this.backend = backend;
        this.observer = observer;
        linearAlgebra = observed(LinearAlgebra.class, "linearAlgebra", backend.linearAlgebra());
        normalisation = observed(Normalisation.class, "normalisation", backend.normalisation());
        attention = observed(Attention.class, "attention", backend.attention());
        gates = observed(Gates.class, "gates", backend.gates());
        mixture = observed(Mixture.class, "mixture", backend.mixture());
        loss = observed(Loss.class, "loss", backend.loss());
        optimisation = observed(Optimisation.class, "optimisation", backend.optimisation());
        memory = observed(Memory.class, "memory", backend.memory());
        statistics = observed(Statistics.class, "statistics", backend.statistics());
    }

    private <F> F observed(Class<F> type, String family, F operations) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> method.getDeclaringClass() == Object.class
                        ? method.invoke(operations, arguments)
                        : run(family, operations, method, arguments)));
    }

    private Object run(String family, Object operations, Method method, Object[] arguments) throws Throwable {
        ObservedCall call = new ObservedCall(family, method, arguments);
        Object result;
        long start = System.nanoTime();
        try {
            result = method.invoke(operations, arguments);
        } catch (InvocationTargetException refused) {
            throw refused.getCause();
        }
        long nanoseconds = System.nanoTime() - start;
        observer.ran(call.name(), call.work(), nanoseconds);
        return result;
    }

    @Override
    public String name() {
        return backend.name();
    }

    @Override
    public String description() {
        return backend.description();
    }

    @Override
    public Precision precision() {
        return backend.precision();
    }

    @Override
    public long workspaceBytes() {
        return backend.workspaceBytes();
    }

    @Override
    public int cores() {
        return backend.cores();
    }

    @Override
    public boolean supports(DType dtype) {
        return backend.supports(dtype);
    }

    @Override
    public Arena newArena(String name) {
        return backend.newArena(name);
    }

    @Override
    public LinearAlgebra linearAlgebra() {
        return linearAlgebra;
    }

    @Override
    public Normalisation normalisation() {
        return normalisation;
    }

    @Override
    public Attention attention() {
        return attention;
    }

    @Override
    public Gates gates() {
        return gates;
    }

    @Override
    public Mixture mixture() {
        return mixture;
    }

    @Override
    public Loss loss() {
        return loss;
    }

    @Override
    public Optimisation optimisation() {
        return optimisation;
    }

    @Override
    public Memory memory() {
        return memory;
    }

    @Override
    public Statistics statistics() {
        return statistics;
    }

    @Override
    public Optional<MachineSpeed> measureMachine() {
        return backend.measureMachine();
    }

    @Override
    public void close() {
        backend.close();
    }
}
