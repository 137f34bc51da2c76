global using Q;
using System;
using static System.Math;
using X = A.B;

namespace Greet.Core
{
    /// <summary>Greets.</summary>
    [Serializable]
    public class Greeter<T> : Base, IHello where T : new()
    {
        private const int Limit = 3;
        public string Name { get; set; }
        public int Length => Name.Length;
        public delegate void Handler(int x);
        public event Handler Done;

        public Greeter(string name) : base(name)
        {
            Name = name;
        }

        // Says hello.
        public async Task<int> Greet(params string[] names)
        {
            int Local(int x) { return x; }
            foreach (var name in names) { if (name == "x") { } else { } }
            while (true) { break; }
            do { } while (false);
            for (int i = 0; i < 3; i++) { }
            switch (names.Length) { case 1: break; default: break; }
            try { } catch (Exception e) { } finally { }
            using (var f = Open($"x{1}")) { }
            lock (this) { }
            Action a = () => { };
            var c = 'c'; var d = @"v"; var e = """raw""";
            return 0;
        }
        ~Greeter() { }
        public static bool operator ==(Greeter<T> a, Greeter<T> b) { return true; }
        public string this[int i] { get { return Name; } set { } }
    }
    public interface IHello { void Hello(); }
    public struct Point { public int X; }
    public record Pair(int A, int B);
    public record Trio(int A) { }
    public enum Colour { Red, Green }
}
