namespace Broker.Tests.RealClients;

/// <summary>Test data: every combination of some axes.</summary>
public static class Matrix
{
    /// <summary>Each pair of a value from one axis and one from the other.</summary>
    public static TheoryData<T1, T2> Of<T1, T2>(T1[] first, T2[] second)
    {
        var data = new TheoryData<T1, T2>();
        foreach (var a in first)
        {
            foreach (var b in second)
                data.Add(a, b);
        }

        return data;
    }

    /// <summary>Each triple of values, one from each axis.</summary>
    public static TheoryData<T1, T2, T3> Of<T1, T2, T3>(T1[] first, T2[] second, T3[] third)
    {
        var data = new TheoryData<T1, T2, T3>();
        foreach (var a in first)
        {
            foreach (var b in second)
            {
                foreach (var c in third)
                    data.Add(a, b, c);
            }
        }

        return data;
    }
}
